import CLibbpf
import Glibc
import LinuxBase

/// What was taken away, by path.
public struct Removal: Hashable, Sendable {
    public var links: [String] = []
    public var programs: [String] = []
    public var maps: [String] = []
    public var directories: [String] = []
    public var isEmpty: Bool {
        links.isEmpty && programs.isEmpty && maps.isEmpty && directories.isEmpty
    }
}

extension Pins {
    /// Ends enforcement and removes everything, of every layout.
    ///
    /// Links go first, so that no program is left that misses its maps. Doing it
    /// again does nothing. Files that are not Sluice's own are left, and then
    /// their directory is what the error names.
    public func removeEverything() throws(KernelError) -> Removal {
        var removal = Removal()
        for cgroup in try Files.list(links) {
            try removeLinks("\(links)/\(cgroup.name)", &removal)
        }
        try removeDirectory(links, &removal)
        for layout in try layouts() { try remove(layout: layout, &removal) }
        try removeDirectory(directory, &removal)
        return removal
    }

    /// Removes the layouts that are not this one; to be called when every link
    /// has been given this layout's programs.
    public func removeOtherLayouts() throws(KernelError) -> Removal {
        var removal = Removal()
        for other in try layouts() where other != layout { try remove(layout: other, &removal) }
        return removal
    }

    func removeLinks(_ path: String, _ removal: inout Removal) throws(KernelError) {
        for link in try Files.list(path) {
            let pin = "\(path)/\(link.name)"
            if try Self.detachLink(at: pin) { removal.links.append(pin) }
        }
        try removeDirectory(path, &removal)
    }

    /// Detaches a link now, whoever else holds it, and unpins it.
    ///
    /// - Returns: whether it was there.
    @discardableResult
    static func detachLink(at pin: String) throws(KernelError) -> Bool {
        let descriptor = bpf_obj_get(pin)
        if descriptor >= 0 {
            // A link whose cgroup is gone is detached already.
            _ = bpf_link_detach(descriptor)
            close(descriptor)
        }
        return try Files.remove(pin)
    }

    private func remove(layout: UInt32, _ removal: inout Removal) throws(KernelError) {
        let other = Pins(directory: directory, layout: layout).layoutDirectory
        for pin in try Files.list("\(other)/programs") {
            let path = "\(other)/programs/\(pin.name)"
            if try Files.remove(path) { removal.programs.append(path) }
        }
        for pin in try Files.list("\(other)/maps") {
            let path = "\(other)/maps/\(pin.name)"
            if try Files.remove(path) { removal.maps.append(path) }
        }
        for path in ["\(other)/programs", "\(other)/maps", other] {
            try removeDirectory(path, &removal)
        }
    }

    private func removeDirectory(_ path: String, _ removal: inout Removal) throws(KernelError) {
        if try Files.removeDirectory(path) { removal.directories.append(path) }
    }
}
