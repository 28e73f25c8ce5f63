import Glibc

/// Runs a program to its end.
enum Shell {
    static func run(_ command: [String]) throws {
        let arguments = command.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var process = pid_t()
        let failure = posix_spawn(&process, command[0], nil, nil, arguments, environ)
        guard failure == 0 else { throw LibraryError(command[0], code: failure) }
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 && errno == EINTR {}
        guard status == 0 else { throw LibraryError("\(command.joined(separator: " ")) failed") }
    }
}
