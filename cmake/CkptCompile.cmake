set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1")
set(CMAKE_C_FLAGS_RELEASE "-O2 -g1")

find_program(CKPT_CCACHE ccache)
if(CKPT_CCACHE)
  # Precompiled headers: without these ccache takes no file that uses one.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
    CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${CKPT_CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${CKPT_CCACHE})
  set(CMAKE_CUDA_COMPILER_LAUNCHER ${CKPT_CCACHE})
endif()
find_program(CKPT_MOLD mold)
if(CKPT_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

add_library(ckpt_flags INTERFACE)
target_include_directories(ckpt_flags INTERFACE "${CMAKE_SOURCE_DIR}")
# Designated initialisers name what differs from a member's default; g++ 12 warns about the rest.
target_compile_options(ckpt_flags INTERFACE
  $<$<COMPILE_LANGUAGE:CXX,C>:-Wall -Wextra -Werror -Wno-missing-field-initializers>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # False alarms on the concatenation of strings (GCC bugs 105329 and 105651); with a precompiled
  # header they are no longer hidden as a system header's. AddressSanitizer finds the real ones.
  foreach(warning array-bounds restrict stringop-overflow stringop-overread)
    target_compile_options(ckpt_flags INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-Wno-${warning}>)
  endforeach()
endif()

# Tests are compiled more often than their own loops run.
add_library(ckpt_test_flags INTERFACE)
target_link_libraries(ckpt_test_flags INTERFACE ckpt_flags)
target_compile_options(ckpt_test_flags INTERFACE -O0)
if(CKPT_SANITIZE)
  # Without optimisation: instrumented code at -O2 takes g++ six times as long to compile.
  set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O0 -g1")
  set(CMAKE_C_FLAGS_RELWITHDEBINFO "-O0 -g1")
  add_compile_options($<$<COMPILE_LANGUAGE:CXX,C>:-fsanitize=${CKPT_SANITIZE}>
                      $<$<COMPILE_LANGUAGE:CXX,C>:-fno-omit-frame-pointer>)
  add_link_options(-fsanitize=${CKPT_SANITIZE})
  target_compile_definitions(ckpt_flags INTERFACE CKPT_SANITIZED)
  if(CKPT_FUZZ)
    if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
      message(FATAL_ERROR "CKPT_FUZZ=ON: libFuzzer needs clang, not ${CMAKE_CXX_COMPILER}")
    endif()
    # A fuzzer runs the code more often than anyone compiles it.
    set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O1 -g1")
    set(CMAKE_C_FLAGS_RELWITHDEBINFO "-O1 -g1")
    add_compile_options($<$<COMPILE_LANGUAGE:CXX,C>:-fsanitize=fuzzer-no-link,float-cast-overflow>)
  endif()
  if(CKPT_SANITIZE MATCHES undefined)
    add_compile_options($<$<COMPILE_LANGUAGE:CXX,C>:-fno-sanitize-recover=all>)
  endif()
endif()
