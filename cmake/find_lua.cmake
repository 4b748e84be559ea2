# Finds the headers, the library and the interpreter of one version of Lua: 5.1 to 5.5, or luajit.
#
# Systems with several versions use names and folders such as lua5.4. Others have one version named
# lua, which may be any. So the version of what was found is checked; a wrong one is an error.

# Names with the version come before the one without.
function(xt_lua_names version result)
  if(version STREQUAL luajit)
    set(${result} luajit-2.1 luajit-5.1 luajit PARENT_SCOPE)
  else()
    string(REPLACE . "" digits ${version})
    set(${result} lua${version} lua${digits} lua-${version} lua PARENT_SCOPE)
  endif()
endfunction()

# Fails unless `variable` was found and has the version `wanted`.
function(xt_check_lua variable wanted found)
  if(NOT ${variable})
    message(FATAL_ERROR "Lua ${wanted} was not found: install it, or set ${variable}")
  elseif(NOT found STREQUAL wanted)
    message(FATAL_ERROR "${variable} is ${${variable}}: expected Lua ${wanted}, got '${found}'")
  endif()
endfunction()

# Sets LUA_INCLUDE_DIR, unless it is set, and stores the version of its headers in `result`.
function(xt_look_for_lua_headers version result)
  xt_lua_names(${version} folders)
  foreach(folder ${folders} .)
    find_path(parent_${folder} ${folder}/lua.h NO_CACHE)
    if(parent_${folder} AND NOT LUA_INCLUDE_DIR)
      get_filename_component(LUA_INCLUDE_DIR ${parent_${folder}}/${folder} ABSOLUTE)
      set(LUA_INCLUDE_DIR ${LUA_INCLUDE_DIR} PARENT_SCOPE)
    endif()
  endforeach()
  set(found "")
  if(EXISTS "${LUA_INCLUDE_DIR}/luajit.h")
    set(found luajit)
  elseif(EXISTS "${LUA_INCLUDE_DIR}/lua.h")
    file(STRINGS ${LUA_INCLUDE_DIR}/lua.h lines REGEX "LUA_VERSION_(NUM|MINOR_N)[ \t]")
    if(lines MATCHES "(NUM[ \t]+50|MINOR_N[ \t]+)([1-9])") # the latter since 5.5
      set(found 5.${CMAKE_MATCH_2})
    endif()
  endif()
  set(${result} "${found}" PARENT_SCOPE)
endfunction()

# Sets LUA_INCLUDE_DIR, unless it is set.
function(xt_find_lua_headers version)
  xt_look_for_lua_headers(${version} found)
  xt_check_lua(LUA_INCLUDE_DIR ${version} "${found}")
  set(LUA_INCLUDE_DIR ${LUA_INCLUDE_DIR} PARENT_SCOPE)
endfunction()

# Sets LUA_LIBRARY, unless it is set.
function(xt_find_lua_library version)
  xt_lua_names(${version} names)
  find_library(LUA_LIBRARY NAMES ${names} NO_CACHE)
  set(found "")
  if(LUA_LIBRARY)
    file(STRINGS ${LUA_LIBRARY} texts REGEX "LuaJIT 2|Lua 5\\.[1-9]")
    if(texts MATCHES "LuaJIT")
      set(found luajit)
    elseif(texts MATCHES "Lua (5\\.[1-9])")
      set(found ${CMAKE_MATCH_1})
    endif()
  endif()
  xt_check_lua(LUA_LIBRARY ${version} "${found}")
  set(LUA_LIBRARY ${LUA_LIBRARY} PARENT_SCOPE)
endfunction()

# Sets LUA_PROGRAM, unless it is set.
function(xt_find_lua_program version)
  xt_lua_names(${version} names)
  find_program(LUA_PROGRAM NAMES ${names} NO_CACHE)
  set(found "")
  if(LUA_PROGRAM)
    execute_process(
      COMMAND ${LUA_PROGRAM} -e "io.write(jit and 'luajit' or _VERSION:match('%S+$'))"
      OUTPUT_VARIABLE found)
  endif()
  xt_check_lua(LUA_PROGRAM ${version} "${found}")
  set(LUA_PROGRAM ${LUA_PROGRAM} PARENT_SCOPE)
endfunction()
