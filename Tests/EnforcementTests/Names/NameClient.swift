import FoundationEssentials
import Glibc
import PacketLab

/// Resolvers that programs are built with. `Clients` has a program for each, which asks for the
/// names it is given, A and AAAA, and sends to each address as soon as it is told.
enum NameClient: CaseIterable {
    case glibc, musl, cAres, getdns, go, java

    static let sources =
        #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        .joined(separator: "/") + "/Clients"

    /// Compiles it, and gives the program's path.
    func build(in directory: String) throws -> String {
        let sources = Self.sources
        let program = "\(directory)/client"
        let compiler = ["-O1", "-Wall", "-Werror", "-o", program]
        let command =
            switch self {
            case .glibc: ["gcc"] + compiler + ["\(sources)/libc.c"]
            case .musl: ["musl-gcc", "-static"] + compiler + ["\(sources)/libc.c"]
            case .cAres: ["gcc"] + compiler + ["\(sources)/c_ares.c", "-lcares"]
            case .getdns: ["gcc"] + compiler + ["\(sources)/getdns.c", "-lgetdns"]
            case .go:
                [
                    "env", "GOCACHE=\(directory)/go", "GOFLAGS=", "go", "build", "-o", program,
                    "\(sources)/go_resolver.go",
                ]
            case .java: ["javac", "-d", directory, "\(sources)/JavaResolver.java"]
            }
        let (status, output) = try Command.run("/usr/bin/env", command)
        guard status == 0 else { throw LabError("compiling \(self)", output) }
        if self == .java {
            // In the order of getaddrinfo(3); by default IPv4 comes first whatever that says.
            let options = "-XX:TieredStopAtLevel=1 -Djava.net.preferIPv6Addresses=system -cp \(directory)"
            try "#!/bin/sh\nexec java \(options) JavaResolver \"$@\"\n".write(
                toFile: program, atomically: false, encoding: .utf8)
            chmod(program, 0o700)
        }
        return program
    }
}
