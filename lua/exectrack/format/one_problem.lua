--- What a decoder returns of a document that it can't read.
-- Used only by formats.

--- An iterator that returns an empty place, nil and `problem`, once.
return function(problem)
  local is_said = false
  return function()
    if not is_said then
      is_said = true
      return "", nil, problem
    end
  end
end
