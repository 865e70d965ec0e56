# libtorch is the pinned PyPI wheel in the venv (scripts/setup.sh), linked directly:
# find_package(Torch) would demand a CUDA toolkit even for CPU programs.
execute_process(
  COMMAND ${CKPT_PYTHON} -c "import importlib.util as u; print(u.find_spec('torch').submodule_search_locations[0])"
  OUTPUT_VARIABLE CKPT_TORCH_DIR OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE torch_found)
if(NOT torch_found EQUAL 0)
  message(FATAL_ERROR "no torch in ${CKPT_PYTHON}: run scripts/setup.sh first, or set CKPT_PYTHON")
endif()
# Python strategies need the headers of the Python with torch; everything else does without.
set(Python3_EXECUTABLE ${CKPT_PYTHON})
find_package(Python3 QUIET COMPONENTS Interpreter Development.Embed)
set(CKPT_HAS_PYTHON_BRIDGE OFF)
if(CKPT_PYTHON_BRIDGE AND Python3_Development.Embed_FOUND)
  set(CKPT_HAS_PYTHON_BRIDGE ON)
  message(STATUS "Python bridge: for Python ${Python3_VERSION}")
elseif(CKPT_PYTHON_BRIDGE)
  message(STATUS "Python bridge: not built, no Python headers for ${CKPT_PYTHON} (python: strategies will not run)")
else()
  message(STATUS "Python bridge: not built (CKPT_PYTHON_BRIDGE=OFF)")
endif()

add_library(torch_headers INTERFACE)
target_include_directories(torch_headers SYSTEM INTERFACE
  "${CKPT_TORCH_DIR}/include" "${CKPT_TORCH_DIR}/include/torch/csrc/api/include")

# torch_cpu: starts in 0.24 s; the only libtorch that trials and CPU runs load.
add_library(torch_cpu INTERFACE)
target_link_libraries(torch_cpu INTERFACE torch_headers "${CKPT_TORCH_DIR}/lib/libtorch_cpu.so"
  "${CKPT_TORCH_DIR}/lib/libc10.so")
target_link_options(torch_cpu INTERFACE -Wl,--allow-shlib-undefined
  "-Wl,-rpath-link,${CKPT_TORCH_DIR}/lib")

add_library(torch_cuda INTERFACE)
target_link_libraries(torch_cuda INTERFACE torch_cpu)
target_link_options(torch_cuda INTERFACE -Wl,--no-as-needed "${CKPT_TORCH_DIR}/lib/libtorch.so"
  "${CKPT_TORCH_DIR}/lib/libtorch_cuda.so" "${CKPT_TORCH_DIR}/lib/libc10_cuda.so" -Wl,--as-needed)
