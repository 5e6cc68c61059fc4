defmodule Shapes.Box do
  @moduledoc """
  A box.
  """
  use GenServer
  import Enum, only: [map: 2]
  alias Shapes.{Circle, Square}
  alias Shapes.Line, as: L
  require Logger

  @max 3
  @type t :: %__MODULE__{}
  @typep hidden :: integer()
  @callback area(t) :: number()
  defstruct [:name, size: 1]

  @doc "Makes one."
  @spec new(String.t()) :: t
  def new(name \\ "x", opts) when is_binary(name), do: %__MODULE__{name: name}

  @doc false
  def internal, do: :ok

  @doc ~S"""
  Counts what it finds.
  """
  def classify(items, a, b) do
    # a comment of its own
    for item <- items do
      if a and b do
        item
      else
        Logger.info("x")
      end
    end

    case a do
      1 -> fn x -> x + 1 end
      2 -> @max
      _ -> nil
    end
  end

  defp secret(a), do: a
  defmacro shout(x), do: x
  defguard is_big(x) when x > 3
  defdelegate len(x), to: Enum, as: :count
end

defmodule Hidden do
  @moduledoc false
  def reach, do: 1
end

defprotocol Area do
  @doc "Area."
  def area(x)
end

defimpl Area, for: Shapes.Box do
  def area(_), do: 1
end

defmodule BoxTest do
  use ExUnit.Case

  test "works", %{a: a} do
    assert a
  end
end
