# Seconds that one test may take: instrumented workers start anew for every job.
set(CKPT_TEST_TIMEOUT_S 600)
if(CKPT_SANITIZE)
  set(CKPT_TEST_TIMEOUT_S 1200)
endif()

# ckpt_library(NAME FILES… ) : a static library of one folder. Its target_link_libraries line is
# the dependency rule of docs/design.md.
function(ckpt_library name)
  add_library(${name} STATIC ${ARGN})
  target_link_libraries(${name} PUBLIC ckpt_flags)
endfunction()

# ckpt_tests(NAME LIBS…): every *_test.cc beside this CMakeLists.txt in one GoogleTest program, so
# that a test file can never be forgotten.
function(ckpt_tests name)
  file(GLOB sources CONFIGURE_DEPENDS *_test.cc)
  if(NOT sources)
    message(STATUS "${name}: no *_test.cc yet in ${CMAKE_CURRENT_SOURCE_DIR}")
    return()
  endif()
  add_executable(${name} ${sources})
  target_link_libraries(${name} PRIVATE ${ARGN} ckpt_flags GTest::gtest GTest::gmock GTest::gtest_main)
  gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT ${CKPT_TEST_TIMEOUT_S})
endfunction()

# ckpt_benches(NAME LIBS…): the same for *_bench.cc with Google Benchmark. Not under sanitizers,
# which say nothing about speed.
function(ckpt_benches name)
  if(CKPT_SANITIZE)
    return()
  endif()
  file(GLOB sources CONFIGURE_DEPENDS *_bench.cc)
  if(NOT sources)
    message(STATUS "${name}: no *_bench.cc yet in ${CMAKE_CURRENT_SOURCE_DIR}")
    return()
  endif()
  add_executable(${name} ${sources})
  target_link_libraries(${name} PRIVATE ${ARGN} ckpt_flags benchmark::benchmark benchmark::benchmark_main)
endfunction()
