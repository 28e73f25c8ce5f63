import PacketLab

/// The container: the machine's programs in a root of its own, and the DaemonSet's mounts.
extension AgentContainer {
    /// What makes the container and then becomes the agent, in a mount namespace of its own.
    ///
    /// - Parameters:
    ///   - pod: that the container is of, with the uid that the API gave it.
    ///   - more: arguments, beside those of the DaemonSet and the container's own.
    ///   - lacking: a capability that it is not given, though the DaemonSet says so.
    func script(of pod: Pod, uid: String, _ more: [String], lacking: String?) throws -> String {
        let container = spec.containers[0]
        let variables = try variables(of: container, pod, uid: uid)
        var lines = [
            "set -eu", "root=\(directory)/root", "mount -t tmpfs container $root",
            "mkdir $root/etc $root/run $root/var $root/host",
            // The programs of the image.
            "for name in bin lib lib64 usr opt proc dev sys; do",
            "  if [ -L /$name ]; then cp -P /$name $root/",
            "  elif [ -e /$name ]; then mkdir $root/$name; mount --rbind /$name $root/$name; fi",
            "done",
            "touch $root/sluiced; mount --bind \(try Executables.path("sluiced")) $root/sluiced",
        ]
        for mount in container.volumeMounts {
            lines += try bind(source(of: mount), at: mount.mountPath, readOnly: mount.readOnly ?? false)
        }
        lines += bind(
            "\(directory)/token", at: "/var/run/secrets/kubernetes.io/serviceaccount", readOnly: true)
        if container.securityContext.readOnlyRootFilesystem { lines.append("mount -o remount,ro $root") }
        let capabilities = container.securityContext.capabilities.add.filter { $0 != lacking }
            .map { "+\($0.lowercased())" }
        let confined =
            [
                "chroot", "$root", "setpriv", "--pdeathsig", "KILL", "--inh-caps=-all",
                "--bounding-set=-all,\(capabilities.joined(separator: ","))",
            ] + (container.securityContext.allowPrivilegeEscalation ? [] : ["--no-new-privs"])
        let own = container.args.map { Self.expanded($0, variables) } + arguments + more
        lines.append(
            "exec env -i \(Self.quoted(variables.map { "\($0)=\($1)" })) \(confined.joined(separator: " ")) "
                + "/sluiced \(Self.quoted(own + ["--pods-cgroup=\(kubelet.podsCgroup)"]))")
        return lines.joined(separator: "\n")
    }

    private func bind(_ source: String, at path: String, readOnly: Bool) -> [String] {
        let bound = "mkdir -p $root\(path); mount --rbind \(source) $root\(path)"
        return readOnly ? [bound, "mount -o remount,bind,ro $root\(path)"] : [bound]
    }

    /// Where what is mounted comes from; the host's folders are the lab's own.
    private func source(of mount: ContainerSpec.Container.Mount) throws -> String {
        guard let volume = spec.volumes.first(where: { $0.name == mount.name }) else {
            throw LabError("volume \(mount.name)", "the DaemonSet has none of that name")
        }
        if volume.configMap != nil { return "\(directory)/config" }
        switch volume.hostPath?.path {
        case "/sys/fs/cgroup": return "/sys/fs/cgroup"
        case "/sys/fs/bpf": return bpffs
        case "/run/sluice": return "\(directory)/state"
        case "/var/lib/sluice": return "\(directory)/records"
        default: throw LabError("volume \(mount.name)", "the lab has no such folder of the host")
        }
    }

    private func variables(
        of container: ContainerSpec.Container, _ pod: Pod, uid: String
    ) throws -> [String: String] {
        var variables = [
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "KUBERNETES_SERVICE_HOST": ControlPlane.serviceAddress, "KUBERNETES_SERVICE_PORT": "443",
        ]
        for variable in container.env {
            variables[variable.name] =
                switch variable.valueFrom?.fieldRef?.fieldPath {
                case nil: variable.value
                case "metadata.namespace": pod.namespace
                case "metadata.name": pod.name
                case "metadata.uid": uid
                case "spec.nodeName": kubelet.nodeName
                case "status.hostIP": kubelet.address
                case let path:
                    throw LabError("variable \(variable.name)", "the lab does not know \(path ?? "")")
                }
        }
        return variables
    }

    /// `$(NAME)` stands for a variable, as kubelet has it.
    private static func expanded(_ text: String, _ variables: [String: String]) -> String {
        variables.reduce(text) { $0.replacing("$(\($1.key))", with: $1.value) }
    }

    private static func quoted(_ words: [String]) -> String {
        words.map { "'\($0.replacing("'", with: "'\\''"))'" }.joined(separator: " ")
    }
}
