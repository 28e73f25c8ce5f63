import Glibc
import Synchronization

/// Whether somebody wants the command to end.
private let wantsToEnd = Atomic(false)

/// The terminal while a command draws on all of it. What it was like before is
/// there again when it is let go.
struct Terminal: ~Copyable {
    private let before: termios

    /// Nil if standard input or output is no terminal.
    init?() {
        var settings = termios()
        guard isatty(STDOUT_FILENO) == 1, tcgetattr(STDIN_FILENO, &settings) == 0 else { return nil }
        before = settings
        // Keys come as they are pressed, and are not shown; ^C stays, ^Z goes, as it
        // would leave the screen as it is.
        settings.c_lflag &= ~tcflag_t(ICANON | ECHO)
        withUnsafeMutableBytes(of: &settings.c_cc) { bytes in
            bytes[Int(VSUSP)] = 0
            bytes[Int(VMIN)] = 0
            bytes[Int(VTIME)] = 0
        }
        tcsetattr(STDIN_FILENO, TCSANOW, &settings)
        for number in [SIGINT, SIGTERM, SIGHUP] {
            Self.handle(number) { _ in wantsToEnd.store(true, ordering: .relaxed) }
        }
        Self.handle(SIGWINCH) { _ in }
        // Another screen, and no cursor (xterm's control sequences).
        Self.write("\u{1b}[?1049h\u{1b}[?25l")
    }

    deinit {
        Self.write("\u{1b}[?25h\u{1b}[?1049l")
        var settings = before
        tcsetattr(STDIN_FILENO, TCSANOW, &settings)
    }

    /// So that a wait ends at the signal.
    private static func handle(_ number: Int32, _ handler: @escaping @convention(c) (Int32) -> Void) {
        var action = sigaction()
        action.__sigaction_handler.sa_handler = handler
        sigaction(number, &action, nil)
    }

    var isInterrupted: Bool { wantsToEnd.load(ordering: .relaxed) }

    /// Draws lines in place of what is there, as far as they fit.
    func draw(_ lines: [String]) {
        let size = Self.size
        var text = "\u{1b}[H"
        for line in lines.prefix(size.rows) { text += line.prefix(size.columns) + "\u{1b}[K\r\n" }
        if lines.count >= size.rows { text.removeLast(1) }
        Self.write(text + "\u{1b}[J")
    }

    static var size: (rows: Int, columns: Int) {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_row > 0, size.ws_col > 0 else {
            return (24, 80)
        }
        return (Int(size.ws_row), Int(size.ws_col))
    }

    /// Waits for a key, a signal such as that of another size, or so long.
    func key(within milliseconds: Int32) -> Character? {
        var input = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        guard poll(&input, 1, max(0, milliseconds)) > 0 else { return nil }
        var byte: UInt8 = 0
        // At its end there is nobody left to press one.
        guard read(STDIN_FILENO, &byte, 1) == 1 else { return "q" }
        return Character(UnicodeScalar(byte))
    }

    private static func write(_ text: String) {
        let bytes = Array(text.utf8)
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.write(STDOUT_FILENO, $0.baseAddress! + written, bytes.count - written)
            }
            if count < 0 && errno != EINTR { return }
            written += max(0, count)
        }
    }
}
