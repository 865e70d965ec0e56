// Where the files of this installation are: beside the running program where it was installed or
// unpacked (PREFIX/bin/PROGRAM, PREFIX/share/ckptbench), otherwise in the source tree that it was
// built from. Free functions; any thread.
#pragma once

#include <string>

namespace ckptbench {

// The folder of the running program.
std::string program_folder();
// PREFIX/share/ckptbench/NAME where that exists; otherwise `source`.
std::string shipped_path(const std::string& name, const std::string& source);
// The Python with torch: $CKPT_PYTHON, else `configured` where that exists, else "python3", to be
// looked up in PATH.
std::string python_program(const std::string& configured);

}  // namespace ckptbench
