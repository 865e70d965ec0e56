# cmake --install BUILD --prefix PREFIX: programs in bin/, which find the rest in share/ckptbench
# (harness/platform/installation.h). Libraries beside them: the workers load both by their place.
# site-packages: a link in PREFIX to the place of another torch, as in a bundle (scripts/bundle.sh).
set(installed_rpath "$ORIGIN/../lib" "$ORIGIN/../site-packages/torch/lib"
  "$ORIGIN/../site-packages/nvidia/cu13/lib")
if(CKPT_TORCH)
  list(APPEND installed_rpath "${CKPT_TORCH_DIR}/lib")
endif()
foreach(target ckptbench ckpt-worker ckpt-worker-cuda ckptfault ckpt_python_bridge)
  if(TARGET ${target})
    if(NOT target STREQUAL "ckptfault")  # it depends on libc alone
      set_target_properties(${target} PROPERTIES INSTALL_RPATH "${installed_rpath}"
        INSTALL_RPATH_USE_LINK_PATH ON)
    endif()
    install(TARGETS ${target} RUNTIME DESTINATION bin LIBRARY DESTINATION bin)
  endif()
endforeach()
install(DIRECTORY suites/ DESTINATION share/ckptbench/suites FILES_MATCHING PATTERN "*.toml")
install(DIRECTORY strategies/peers/python/ DESTINATION share/ckptbench/python FILES_MATCHING PATTERN "*.py")
install(FILES scripts/render_charts.py DESTINATION share/ckptbench/scripts)
install(FILES README.md LICENSE CHANGELOG.md DESTINATION share/doc/ckptbench)
install(DIRECTORY docs/ DESTINATION share/doc/ckptbench/docs)
