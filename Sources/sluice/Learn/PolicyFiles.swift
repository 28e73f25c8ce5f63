import Glibc
import Learning
import PolicyModel
import SystemPackage

/// Learned policies, a file each.
enum PolicyFiles {
    /// Files that are there already are replaced.
    static func write(_ policies: [LearnedPolicy], to directory: String) throws {
        guard mkdir(directory, 0o755) == 0 || errno == EEXIST else {
            throw Failure.badInput("\(directory) cannot be made: \(Errno(rawValue: errno))")
        }
        for policy in policies {
            let path = "\(directory)/\(policy.key.namespace).\(policy.key.name).yaml"
            do {
                let file = try FileDescriptor.open(
                    FilePath(path), .writeOnly, options: [.create, .truncate],
                    permissions: [.ownerReadWrite, .groupRead, .otherRead])
                try file.closeAfter { _ = try file.writeAll(policy.yaml.utf8) }
            } catch {
                throw Failure.badInput("\(path) cannot be written: \(error)")
            }
            print(path)
        }
    }
}
