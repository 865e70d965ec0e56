// Thrown where a wait ends because of an interrupt (SIGINT, SIGTERM). Caught once, by the
// supervisor, after everything on the way up has removed its processes and files.
#pragma once

namespace ckptbench {

struct Interrupted {};

}  // namespace ckptbench
