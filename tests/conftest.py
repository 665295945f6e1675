"""For all tests: Ctrl-C works, also where they were started in the background, which ignores it."""

import signal

if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
