package import PolicyModel

/// Reads, from the host's side, which addresses a pod's own network namespace has on its interfaces.
/// The API knows those of the first interface only, and no IPv6 address that an interface gave itself.
///
/// What a pod may call its own decides in whose name it may speak. So the namespace is that of a process
/// which the pod's author cannot choose (`PodProcess`), and where the agent's namespace has given
/// interfaces to others, as the host's has, it must be one of these: a namespace that a process in the
/// pod made for itself, to call any address its own, is none. To change what interfaces the pod's own
/// namespace has takes CAP_NET_ADMIN in it, with which a pod is not confined anyway.
package struct PodAddressReader: Sendable {
    /// Where cgroup v2 is mounted.
    let cgroupRoot: String

    /// What was found of one pod.
    package struct Finding: Hashable, Sendable {
        package var addresses: Set<IPAddress> = []
        /// How many more there were than are taken.
        package var omitted = 0
        /// Whether the pod has processes, and none is in sight: the agent runs without `hostPID`.
        package var isHidden = false

        package init(addresses: Set<IPAddress> = [], omitted: Int = 0, isHidden: Bool = false) {
            self.addresses = addresses
            self.omitted = omitted
            self.isHidden = isHidden
        }
    }

    /// Of one pod.
    package static let most = 64
    /// Of one file: a namespace with routes without end is not to cost the agent's time.
    private static let longest = 1 << 18

    package init(cgroupRoot: String) { self.cgroupRoot = cgroupRoot }

    /// - Parameter path: the pod's cgroup, below the root.
    package func addresses(ofPodAt path: String) -> Set<IPAddress> { finding(ofPodAt: path).addresses }

    /// - Parameter path: the pod's cgroup, below the root.
    package func finding(ofPodAt path: String) -> Finding {
        do throws(PodProcess.Absence) {
            return finding(try PodProcess.first(ofPodAt: "\(cgroupRoot)/\(path)"))
        } catch {
            return Finding(isHidden: error == .hidden)
        }
    }

    private func finding(_ process: borrowing PodProcess) -> Finding {
        guard isGivenByHost(process), process.isThere,
            let ipv4 = process.text("net/fib_trie", limit: Self.longest)
        else { return Finding() }
        let ipv6 = process.text("net/if_inet6", limit: Self.longest) ?? ""
        let all = LocalAddresses.ipv4(fibTrie: ipv4).union(LocalAddresses.ipv6(ifInet6: ipv6))
        guard all.count > Self.most else { return Finding(addresses: all) }
        return Finding(addresses: Set(all.sorted().prefix(Self.most)), omitted: all.count - Self.most)
    }

    private func isGivenByHost(_ process: borrowing PodProcess) -> Bool {
        if process.sharesOwnNetwork { return true }
        guard let ids = NamespaceIDs() else { return false }
        return !ids.isAnyKnown() || ids.isKnown(processNumber: process.number)
    }
}
