import Glibc

/// A file for a tool to read, gone when nobody needs it any more.
struct TextFile: ~Copyable {
    let path: String

    init(_ path: String, _ text: String) throws {
        guard let file = fopen(path, "we") else { throw LibraryError(path, code: errno) }
        let written = fputs(text, file) >= 0
        guard fclose(file) == 0 && written else { throw LibraryError(path, code: errno) }
        self.path = path
    }

    deinit { unlink(path) }
}
