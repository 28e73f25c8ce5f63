import Glibc

/// Programs that are built beside the running one.
public enum Executables {
    /// - Returns: the path of a program in the running one's folder, or in a folder above.
    public static func path(_ name: String) throws(LabError) -> String {
        let own = realpath("/proc/self/exe", nil)
        defer { free(own) }
        var folder = own.map { String(cString: $0) } ?? ""
        while let slash = folder.lastIndex(of: "/") {
            folder = String(folder[..<slash])
            let path = "\(folder)/\(name)"
            if access(path, X_OK) == 0 && !isDirectory(path) { return path }
        }
        throw LabError(name, "it is not beside the executable: build it too")
    }

    /// What stands in for pods' programs; PACKET_AGENT may say where it is.
    static func packetAgent() throws(LabError) -> String {
        if let path = getenv("PACKET_AGENT") { return String(cString: path) }
        return try path("packet-agent")
    }
}
