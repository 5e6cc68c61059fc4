# note

defmodule C do
  def twice(a) do
    if a do
      2
    end
  end
end