import CLibbpf

extension Attachments {
    /// The last step of an upgrade to another layout, when the new layout's maps
    /// have been filled: swaps the program of every live link, then removes the
    /// layouts that nothing runs on any more.
    ///
    /// Links whose cgroup is gone are removed. If a link cannot be swapped, the
    /// old layouts stay, and those links that were not swapped run on them.
    public func finishUpgrade() throws(KernelError) -> Removal {
        for cgroup in try cgroups() {
            var live = false
            for kind in DatapathProgram.allCases {
                guard let link = try CgroupLink(pinnedAt: pins.path(kind, at: cgroup)) else {
                    continue
                }
                let info = try link.info()
                guard info.cgroup == cgroup, info.attachType == kind.attachType.rawValue else {
                    continue
                }
                live = true
                let program = try Descriptor(program: kind, of: pins)
                if try program.programID(kind) != info.programID {
                    try link.update(to: program, kind)
                }
            }
            if !live { try detach(cgroup) }
        }
        return try pins.removeOtherLayouts()
    }
}
