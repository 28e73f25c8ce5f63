import KernelDatapath

/// Takes everything out of force and removes what was pinned.
public enum Cleanup {
    /// - Returns: what was removed, a line each.
    public static func everything(pinnedAt bpffs: String) throws -> [String] {
        let removal = try Pins(directory: bpffs).removeEverything()
        return removal.links + removal.programs + removal.maps + removal.directories
    }
}
