"""What `cmake --install` and scripts/bundle.sh make runs elsewhere. Run by ctest.

Usage: install_test.py BUILD SITE_PACKAGES [install|bundle]. The bundle is run in an empty root that
has the C and C++ runtime, the folder with torch, and nothing else; that needs root.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD, SITE = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
RUNTIME = ("ld-linux-x86-64", "libc", "libm", "libdl", "librt", "libpthread", "libutil", "libstdc++", "libgcc_s")


def run(arguments, **more):
    return subprocess.run([str(a) for a in arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, **more)


class InstallTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def expect(self, code, arguments, **more):
        end = run(arguments, **more)
        self.assertEqual(end.returncode, code, end.stdout)
        return end.stdout

    def test_install(self):
        prefix, elsewhere = self.folder / "prefix", self.folder / "elsewhere"
        elsewhere.mkdir()
        self.expect(0, ["cmake", "--install", BUILD, "--prefix", prefix])
        bench = prefix / "bin/ckptbench"
        self.assertIn("python:torch_save", self.expect(0, [bench, "list"], cwd=elsewhere))
        dry = self.expect(0, [bench, "run", "quick", "--dry-run"], cwd=elsewhere)
        self.assertIn("measure.digits-mlp.sync", dry)
        # The installed suite, not the one of the source tree.
        suite = prefix / "share/ckptbench/suites/quick.toml"
        suite.write_text(suite.read_text().replace("seed = 1", "seed = 77"))
        self.assertIn(".s77", self.expect(0, [bench, "run", "quick", "--dry-run"], cwd=elsewhere))
        shutil.move(prefix / "share/ckptbench/python/dcp.py", elsewhere)
        self.assertIn("share/ckptbench/python/dcp.py", self.expect(4, [bench, "list"], cwd=elsewhere))

    def test_bundle(self):
        if os.geteuid() != 0:
            self.skipTest("needs root: chroot and mounts")
        root = self.folder / "root"
        bundle = root / "bundle"
        root.mkdir()
        print(self.expect(0, [ROOT / "scripts/bundle.sh", bundle]), flush=True)
        size = sum(path.stat().st_size for path in bundle.rglob("*") if path.is_file())
        self.assertLessEqual(size, 40 << 20)
        strays = [path.name for path in bundle.rglob("*") if path.name.startswith(("libtorch", "libc10", "libcu"))]
        self.assertEqual(strays, [])
        self.fill_root(root)
        quick = self.in_root(root, "bin/ckptbench run quick --out /tmp/out")
        self.assertEqual(quick.returncode, 0, quick.stdout)
        self.assertIn("What survives", quick.stdout)
        if (bundle / "bin/ckpt-worker-cuda").exists() and not os.path.exists("/dev/nvidiactl"):
            gpu = self.in_root(root, "bin/ckptbench run gpu --out /tmp/gpu")
            self.assertEqual(gpu.returncode, 4, gpu.stdout)
            self.assertEqual(len(gpu.stdout.splitlines()), 1, gpu.stdout)
            self.assertIn("no CUDA driver", gpu.stdout)

    def fill_root(self, root):
        for name in ("proc", "tmp", "dev", "lib64", "lib/x86_64-linux-gnu", "bundle/site-packages"):
            (root / name).mkdir(parents=True, exist_ok=True)
        for path in pathlib.Path("/lib/x86_64-linux-gnu").iterdir():
            if path.name.split(".so")[0] in RUNTIME and ".so." in path.name + ".":
                shutil.copy(path, root / "lib/x86_64-linux-gnu")
        shutil.copy("/lib64/ld-linux-x86-64.so.2", root / "lib64")

    def in_root(self, root, command):
        """In namespaces of its own: the mounts and all processes end with it."""
        script = f"""set -e
mount --bind -o ro {SITE} {root}/bundle/site-packages
mount -t proc proc {root}/proc
mount -t tmpfs tmpfs {root}/dev
mknod -m 666 {root}/dev/null c 1 3
mknod -m 666 {root}/dev/urandom c 1 9
mkdir {root}/dev/shm
exec chroot {root} /bundle/{command}"""
        return run(["unshare", "--mount", "--pid", "--fork", "--kill-child", "--propagation", "private",
                    "bash", "-c", script], env={"PATH": os.environ["PATH"]})


if __name__ == "__main__":
    suite = unittest.TestSuite(InstallTest("test_" + name) for name in sys.argv[3:] or ["install", "bundle"])
    result = unittest.TextTestRunner(verbosity=2).run(suite)
    sys.exit(not result.wasSuccessful())
