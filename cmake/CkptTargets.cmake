# Seconds that one test may take: instrumented workers start anew for every job.
set(CKPT_TEST_TIMEOUT_S 600)
if(CKPT_SANITIZE)
  set(CKPT_TEST_TIMEOUT_S 1200)
endif()

# ckpt_includes_torch(NAME): at::parallel_for is inlined into its callers, and serial there
# without OpenMP.
function(ckpt_includes_torch name)
  target_compile_options(${name} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:-fopenmp>)
  target_precompile_headers(${name} REUSE_FROM ckpt_torch_pch)
endfunction()

# ckpt_library(NAME [TORCH] [COLD] [FILES…]): a static library of one folder; without FILES, every *.cc there
# that is no test (nor its samples), benchmark or main. Its target_link_libraries line is the dependency rule of
# docs/design.md. TORCH: its sources include torch's headers. COLD: nothing in it runs beside training or
# under a clock; -O1 takes a quarter less time to compile.
function(ckpt_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "TORCH;COLD" "" "")
  set(sources ${arg_UNPARSED_ARGUMENTS})
  if(NOT sources)
    file(GLOB sources CONFIGURE_DEPENDS *.cc)
    list(FILTER sources EXCLUDE REGEX "(_test|_bench|_samples|/main)\\.cc$")
  endif()
  add_library(${name} STATIC ${sources})
  target_link_libraries(${name} PUBLIC ckpt_flags)
  if(arg_COLD)
    # At that level GCC 12 has false alarms on std::optional (bug 80635); clang-tidy looks for
    # the real ones.
    target_compile_options(${name} PRIVATE "$<$<CONFIG:Release>:-O1;-Wno-maybe-uninitialized>")
  endif()
  if(arg_TORCH)
    ckpt_includes_torch(${name})
  else()
    target_precompile_headers(${name} REUSE_FROM ckpt_pch)
  endif()
endfunction()

# The three functions below make nothing where CKPT_HAS_TESTS is off: what else is said about their
# targets stands behind if(TARGET …).

# ckpt_test_program(NAME [TORCH] LIBRARIES… SOURCES FILES…): a GoogleTest program, not yet known to ctest.
function(ckpt_test_program name)
  if(NOT CKPT_HAS_TESTS)
    return()
  endif()
  cmake_parse_arguments(PARSE_ARGV 1 arg "TORCH" "" "SOURCES")
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ${arg_UNPARSED_ARGUMENTS} ckpt_test_flags
    GTest::gtest GTest::gmock GTest::gtest_main)
  if(NOT arg_TORCH)
    target_precompile_headers(${name} REUSE_FROM ckpt_test_pch)
  endif()
endfunction()

# ckpt_tests(NAME [TORCH] [ONE_THREAD] [SLOW_START] LIBRARIES… [FOLDERS FOLDERS…] [EXCEPT FOLDERS…] [HELPERS FILES…]):
# every *_test.cc beside this CMakeLists.txt, or in the folders named, in one program whose tests ctest runs
# one by one: no test file can be forgotten (scripts/house_check.py looks for the others). A '*' in a folder stands for any name. HELPERS: what the tests share and what holds none itself. ONE_THREAD:
# nothing in the folder starts a thread (scripts/house_check.py), so ThreadSanitizer has nothing to see.
# SLOW_START: it links torch, which takes half a second to load: ctest runs a quarter of its tests in each
# of four processes.
function(ckpt_tests name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "ONE_THREAD;SLOW_START" "" "FOLDERS;EXCEPT;HELPERS")
  if(NOT CKPT_HAS_TESTS OR (arg_ONE_THREAD AND CKPT_SANITIZE STREQUAL "thread"))
    return()
  endif()
  set(patterns *_test.cc)
  if(arg_FOLDERS)
    list(TRANSFORM arg_FOLDERS APPEND /*_test.cc OUTPUT_VARIABLE patterns)
  endif()
  file(GLOB sources CONFIGURE_DEPENDS ${patterns})
  if(arg_EXCEPT)
    list(TRANSFORM arg_EXCEPT APPEND /*_test.cc)
    file(GLOB others CONFIGURE_DEPENDS ${arg_EXCEPT})
    list(REMOVE_ITEM sources ${others})
  endif()
  ckpt_test_program(${name} ${arg_UNPARSED_ARGUMENTS} SOURCES ${sources} ${arg_HELPERS})
  if(CKPT_SANITIZE OR arg_SLOW_START)
    ckpt_add_shards(${name})
  else()
    gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT ${CKPT_TEST_TIMEOUT_S})
  endif()
endfunction()

# ckpt_add_shards(NAME): a GoogleTest program as a few tests of ctest, each with its share of those in
# it. An instrumented program that links torch takes two seconds to start. The longest tests begin first.
function(ckpt_add_shards name)
  set(shards 4)
  foreach(index RANGE 1 ${shards})
    math(EXPR zero_based "${index} - 1")
    add_test(NAME ${name}.${index} COMMAND ${name})
    set_tests_properties(${name}.${index} PROPERTIES TIMEOUT ${CKPT_TEST_TIMEOUT_S} COST 1000
      ENVIRONMENT "GTEST_TOTAL_SHARDS=${shards};GTEST_SHARD_INDEX=${zero_based}")
  endforeach()
endfunction()

# ckpt_add_fuzzer(NAME): with CKPT_FUZZ, the libFuzzer program NAME_fuzz of the target NAME_fuzz() of
# the library ckpt_fuzz; `fuzzers` builds all of them. libFuzzer's main makes it no test program.
function(ckpt_add_fuzzer name)
  if(NOT CKPT_FUZZ)
    return()
  endif()
  add_executable(${name}_fuzz fuzz_main.cc)
  target_compile_definitions(${name}_fuzz PRIVATE CKPT_FUZZ_TARGET=${name}_fuzz)
  target_link_libraries(${name}_fuzz PRIVATE ckpt_fuzz)
  target_link_options(${name}_fuzz PRIVATE -fsanitize=fuzzer)
  if(NOT TARGET fuzzers)
    add_custom_target(fuzzers)
  endif()
  add_dependencies(fuzzers ${name}_fuzz)
endfunction()

# ckpt_benches(NAME [FOLDERS FOLDERS…] LIBRARIES LIBRARIES…): the same for *_bench.cc with Google Benchmark. Not
# under sanitizers, which say nothing about speed.
function(ckpt_benches name)
  if(CKPT_SANITIZE OR NOT CKPT_HAS_TESTS)
    return()
  endif()
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "FOLDERS;LIBRARIES")
  set(patterns *_bench.cc)
  if(arg_FOLDERS)
    list(TRANSFORM arg_FOLDERS APPEND /*_bench.cc OUTPUT_VARIABLE patterns)
  endif()
  file(GLOB sources CONFIGURE_DEPENDS ${patterns})
  if(NOT sources)
    message(FATAL_ERROR "${name}: no *_bench.cc in ${CMAKE_CURRENT_SOURCE_DIR}")
  endif()
  add_executable(${name} ${sources})
  target_link_libraries(${name} PRIVATE ${arg_LIBRARIES} ckpt_flags benchmark::benchmark benchmark::benchmark_main)
endfunction()
