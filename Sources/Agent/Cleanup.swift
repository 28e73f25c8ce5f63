import KernelDatapath

/// Takes everything out of force and removes what was pinned.
public enum Cleanup {
    /// - Returns: what was removed, a line each.
    public static func everything(_ configuration: Configuration) throws -> [String] {
        let removal = try Pins(directory: configuration.bpffs).removeEverything()
        return (removal.links + removal.programs + removal.maps + removal.directories)
    }
}
