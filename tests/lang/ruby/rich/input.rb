require 'json'
require_relative "lib/a"
load File.join("x", "y.rb")
autoload :Foo, "foo"

# A module.
module Shapes
  MAX = 3

  # A box
  # of two lines.
  class Box < Base
    attr_reader :name, :size

    # Makes one.
    def initialize(name, size = 1, *rest, key:, **opts, &block)
      @name = name
    end

    def self.build
      new("x")
    end

    def classify(items, a, b)
      count = 0
      for item in items
        if a && b
          count += 1
        elsif item.nil?
          count -= 1
        else
          f = ->(x) { x + 1 }
        end
      end
      case count
      when 1
        return 1
      when 2
        return 2
      else
        puts count
      end
      a ? 1 : 2
    end

    private

    def hidden; end

    public

    def shown; end

    def later_hidden; end
    private :later_hidden

    private def also_hidden; end
  end

  class Error < StandardError; end
end

describe "box" do
  it "works" do
    expect(1).to eq 1
  end
end

class BoxTest < Minitest::Test
  def test_ok; end
end
