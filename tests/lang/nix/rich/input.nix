# A package.
{ pkgs, lib ? import <nixpkgs/lib>, ... }@args:
let
  inherit (lib) mkIf;
  helper = x: y: x + y;
  other = import ./other.nix { inherit pkgs; };
in
rec {
  imports = [ ./hardware.nix ../b.nix ];

  /** Chooses. */
  classify = { a, b ? 1, c }:
    if a && b then 1
    else if c then 2
    else 3;

  # Makes a package.
  pkg = pkgs.callPackage ./pkg.nix { };
  services.nginx.enable = true;
  nested = { inner = a: a; };
}
