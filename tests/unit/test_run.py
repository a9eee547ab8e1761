"""The runner itself: what it counts, what it says, and that nothing outlives it."""
import os
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

SCRIPTS = {
    "unit/test_pass.sh": "exit 0",
    "unit/test_fail.sh": "echo the reason; exit 3",
    "unit/test_skip.sh": "echo noise; echo no such kernel; exit 77",
    "unit/test_hang.sh": "sleep 321 & echo $! >$OUT/child; echo $TMPDIR >$OUT/tmp; touch $TMPDIR/file; wait",
    "unit/test_stray.sh": "setsid sleep 322 >/dev/null 2>&1 & exit 0",
    "unit/test_tap.sh": "echo 1..4; echo 'ok 1 - a'; echo 'not ok 2 - b is wrong'; echo 'ok 3 - c';"
                        "echo 'not ok 4 # SKIP d cannot'; exit 1",
    "unit/test_cut.sh": "echo 1..3; echo 'ok 1 - a'; kill -SEGV $$",
    "unit/test_stdin.sh": "! read -r line",
}


class Run(unittest.TestCase):
    def setUp(self):
        self.top = tempfile.mkdtemp()
        os.makedirs(self.top + "/tests/unit")
        for name in "run", "joblist.py":
            shutil.copy("tests/" + name, self.top + "/tests/" + name)
        for name, text in SCRIPTS.items():
            with open("%s/tests/%s" % (self.top, name), "w", encoding="utf-8") as f:
                f.write(text.replace("$OUT", self.top) + "\n")

    def tearDown(self):
        shutil.rmtree(self.top)

    def start(self, *words, **more):
        return subprocess.Popen([self.top + "/tests/run", *words], stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True, **more)

    def said(self, *words, **more):
        p = self.start(*words, **more)
        text = p.communicate()[0]
        return p.returncode, text, text.strip().splitlines()[-1]

    def gone(self, pid, seconds=3):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if not os.path.exists("/proc/%d" % pid):
                return True
            with open("/proc/%d/stat" % pid, encoding="utf-8") as f:
                if f.read().rsplit(")", 1)[1].split()[0] == "Z":
                    return True
            time.sleep(0.02)
        return False

    def written(self, name, seconds=10):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                with open(self.top + "/" + name, encoding="utf-8") as f:
                    text = f.read().strip()
                if text:
                    return text
            except OSError:
                pass
            time.sleep(0.02)
        self.fail("no " + name)

    def test_what_computes_runs_beside_what_waits_and_yields_to_it(self):
        script = ("import importlib.machinery, importlib.util, sys; sys.path.insert(0, 'tests')\n"
                  "loader = importlib.machinery.SourceFileLoader('runner', 'tests/run')\n"
                  "runner = importlib.util.module_from_spec(importlib.util.spec_from_loader('runner', loader))\n"
                  "loader.exec_module(runner)\n"
                  "import joblist\n"
                  "waits = joblist.Job('unit/waits', ['sh', '-c', 'until [ -s %s/nice ]; do sleep 0.05; done'])\n"
                  "computes = next(joblist.in_background([joblist.Job('fuzz/x', ['sh', '-c', 'nice >%s/nice'])]))\n"
                  "runner.os.makedirs(runner.LOGS, exist_ok=True)\n"
                  "done = runner.Runner(20)\n"
                  "done.run([waits, computes])\n"
                  "print(done.passed, done.failed)\n" % (self.top, self.top))
        said = subprocess.run(["/usr/bin/python3", "-c", script], cwd=self.top, stdout=subprocess.PIPE, text=True,
                              check=True).stdout
        self.assertEqual(said.strip().splitlines()[-1], "2 0")
        self.assertEqual(self.written("nice"), str(min(19, os.nice(0) + 10)))

    def test_passing_alone_is_success(self):
        self.assertEqual(self.said("unit/test_pass"), (0, "ok    unit/test_pass.sh\n1 passed, 0 failed, 0 skipped\n",
                                                       "1 passed, 0 failed, 0 skipped"))

    def test_failing_is_failure_and_shows_what_it_wrote(self):
        code, text, last = self.said("unit/test_pass", "unit/test_fail")
        self.assertEqual((code, last), (1, "1 passed, 1 failed, 0 skipped"))
        self.assertIn("FAIL  unit/test_fail.sh: exit code 3", text)
        self.assertIn("| the reason", text)

    def test_skipped_says_why_and_alone_is_no_success(self):
        code, text, last = self.said("unit/test_skip")
        self.assertEqual((code, last), (1, "0 passed, 0 failed, 1 skipped"))
        self.assertIn("skip  unit/test_skip.sh: no such kernel", text)

    def test_no_test_at_all_is_no_success(self):
        self.assertEqual(self.said("unit/test_nothing")[0], 2)

    def test_cases_are_counted_and_failed_ones_named(self):
        code, text, last = self.said("unit/test_tap")
        self.assertEqual((code, last), (1, "2 passed, 1 failed, 1 skipped"))
        self.assertIn("FAIL  unit/test_tap.sh: 2 - b is wrong", text)

    def test_cases_that_never_ran_are_a_failure(self):
        code, text, last = self.said("unit/test_cut")
        self.assertEqual((code, last), (1, "1 passed, 1 failed, 0 skipped"))
        self.assertIn("ended by signal 11, 1 of 3 cases", text)

    def test_standard_input_is_empty_even_if_closed_for_us(self):
        self.assertEqual(self.said("unit/test_stdin", preexec_fn=lambda: os.close(0))[0], 0)

    def test_the_hung_one_is_killed_with_its_children(self):
        code, text, last = self.said("--deadline", "1", "unit/test_hang", "unit/test_pass")
        self.assertEqual((code, last), (1, "1 passed, 1 failed, 0 skipped"))
        self.assertIn("it hung: killed after 1 s", text)
        self.assertTrue(self.gone(int(self.written("child"))))
        self.assertFalse(os.path.exists(self.written("tmp")))

    def test_a_process_left_behind_is_killed_and_counts(self):
        code, text, last = self.said("unit/test_stray")
        self.assertEqual((code, last), (1, "1 passed, 1 failed, 0 skipped"))
        self.assertIn("FAIL  unit/test_stray.sh: it left a process behind: sleep 322", text)

    def test_terminated_it_leaves_nothing(self):
        self.assertEqual(self.leaves_nothing(lambda guard: os.kill(guard, signal.SIGTERM)), 143)

    def test_killed_it_leaves_nothing(self):
        self.leaves_nothing(lambda guard: os.kill(guard, signal.SIGKILL))

    def test_killed_behind_its_guard_it_leaves_nothing(self):
        def kill_runner(guard):
            with open("/proc/%d/task/%d/children" % (guard, guard), encoding="utf-8") as f:
                os.kill(int(f.read().split()[0]), signal.SIGKILL)
        self.assertEqual(self.leaves_nothing(kill_runner), 137)

    def leaves_nothing(self, kill):
        p = self.start("unit/test_hang")
        child, tmp = int(self.written("child")), self.written("tmp")
        kill(p.pid)
        p.communicate()
        self.assertTrue(self.gone(child))
        end = time.monotonic() + 3
        while os.path.exists(tmp) and time.monotonic() < end:
            time.sleep(0.02)
        self.assertFalse(os.path.exists(tmp))
        return p.returncode


if __name__ == "__main__":
    unittest.main()
