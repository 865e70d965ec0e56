// Python text that tests of own strategies put before their classes: a class without restore() that
// keeps each checkpoint in a file named by its step.
#pragma once

namespace ckptbench {

inline constexpr char kNumberedFiles[] = R"(
import os, torch

class NumberedFiles:
    def __init__(self, directory):
        self.directory = directory
    def path(self, step):
        return os.path.join(self.directory, f"{step:09d}.pt")
    def save(self, state, step):
        torch.save(state, self.path(step) + ".tmp")
        os.rename(self.path(step) + ".tmp", self.path(step))
    def list(self):
        names = [name for name in os.listdir(self.directory) if name.endswith(".pt")]
        return sorted((int(name[:9]) for name in names), reverse=True)
)";

}  // namespace ckptbench
