import VerdictTables

/// What takes made writes back.
struct Undo {
    /// In the order in which the writes were made.
    var writes: [TableWrite] = []
    /// Pods that were given a counter slot.
    var slotted: [CgroupID] = []
    /// As they were before.
    var deferred: DeferredRemovals
    /// What the writes left behind.
    var left: [TableWrite] = []
}

extension TableDriver {
    /// More puts than this of one table go to the kernel by one call.
    private static let batchThreshold = 64

    /// Makes all writes or, when it throws, none.
    func write(_ writes: [TableWrite], _ applied: inout Applied) throws(KernelError) -> Undo {
        try checkRoom(for: writes)
        var undo = Undo(deferred: deferred)
        do {
            for run in writes.runs {
                try write(run: run, &undo, &applied)
            }
        } catch {
            var error = error
            rollBack(undo, &error)
            throw error
        }
        return undo
    }

    /// Has nothing begun that a trie cannot hold: an agent that ended on the way would leave it full.
    ///
    /// Of tries it is known what they hold; removals of their entries come after what is put.
    private func checkRoom(for writes: [TableWrite]) throws(KernelError) {
        var new = (addresses: 0, names: 0, ports: 0)
        for write in writes {
            switch write {
            case .putAddress(let key, _): if tries.addresses[key] == nil { new.addresses += 1 }
            case .putName(let key, _): if tries.names[key] == nil { new.names += 1 }
            case .putPort(let key, _): if tries.ports[key] == nil { new.ports += 1 }
            default: break
            }
        }
        try maps.addresses.checkRoom(for: tries.addresses.count + new.addresses)
        try maps.names.checkRoom(for: tries.names.count + new.names)
        try maps.ports.checkRoom(for: tries.ports.count + new.ports)
    }

    /// Writes to one table, in order.
    private func write(
        run: ArraySlice<TableWrite>, _ undo: inout Undo, _ applied: inout Applied
    ) throws(KernelError) {
        if run.count > Self.batchThreshold, beforeWrite == nil, let batch = Batch(run) {
            let reverse = try run.map { write throws(KernelError) in try inverse(of: write) }
            var done = 0
            defer {
                undo.writes += reverse.prefix(done)
                for write in run.prefix(done) { record(write) }
                applied.puts += done
            }
            try batch.write(to: maps, done: &done)
            return
        }
        for write in run {
            let reverse = try inverse(of: write)
            let write = try withSlot(write, &undo, &applied)
            try perform(write)
            undo.writes.append(reverse)
            if write.isPut { applied.puts += 1 } else { applied.removals += 1 }
        }
    }

    /// Takes writes back in reverse order. What cannot be is added to the error.
    ///
    /// What programs may have been led to in between becomes a leftover, as after any change.
    func rollBack(_ undo: Undo, _ error: inout KernelError) {
        let retired = RetiredIDs(of: undo.writes, addresses: tries.addresses, names: tries.names)
        for removal in undo.left { deferred.record(removal) }
        for write in undo.writes.reversed() {
            if retired.defers(write) {
                deferred.add(write)
                continue
            }
            do {
                try perform(write, quietly: true)
            } catch let failure {
                error.context.append("could not be undone, compare and repair: \(failure)")
            }
        }
        deferred.restore(undo.deferred)
        for pod in undo.slotted { slots.release(pod) }
        guard !undo.writes.isEmpty, let config else { return }
        do {
            try advanceGeneration(config.settings)
        } catch let failure {
            error.context.append("\(failure)")
        }
    }

    /// The write that restores what is there now.
    private func inverse(of write: TableWrite) throws(KernelError) -> TableWrite {
        switch write {
        case .putPort(let key, _), .removePort(let key):
            tries.ports[key].map { .putPort(key, $0) } ?? .removePort(key)
        case .putAddress(let key, _), .removeAddress(let key):
            tries.addresses[key].map { .putAddress(key, $0) } ?? .removeAddress(key)
        case .putName(let key, _), .removeName(let key):
            tries.names[key].map { .putName(key, $0) } ?? .removeName(key)
        case .putRule(let key, _), .removeRule(let key):
            try maps.rules.lookup(key).map { .putRule(key, $0) } ?? .removeRule(key)
        case .putPod(let key, _), .removePod(let key):
            try maps.pods.lookup(key).map { .putPod(key, $0) } ?? .removePod(key)
        }
    }

    /// Gives a pod its counter slot: the one it has, or a clean new one.
    private func withSlot(
        _ write: TableWrite, _ undo: inout Undo, _ applied: inout Applied
    ) throws(KernelError) -> TableWrite {
        guard case .putPod(let cgroup, var pod) = write else { return write }
        if let slot = slots[cgroup] {
            pod.slot = slot
        } else if let slot = slots.assign(to: cgroup) {
            undo.slotted.append(cgroup)
            try maps.counters.clear(slot)
            pod.slot = slot
        } else {
            pod.slot = 0
            applied.withoutSlot.append(cgroup)
        }
        return .putPod(cgroup, pod)
    }

    /// One write to the kernel. A removal of what is not there is no error.
    func perform(_ write: TableWrite, quietly: Bool = false) throws(KernelError) {
        if !quietly { beforeWrite?(write) }
        switch write {
        case .putPort(let key, let value): try maps.ports.update(key, value)
        case .putRule(let key, let value): try maps.rules.update(key, value)
        case .putAddress(let key, let value): try maps.addresses.update(key, value)
        case .putName(let key, let value): try maps.names.update(key, value)
        case .putPod(let key, let value): try maps.pods.update(key, value)
        case .removePort(let key): try maps.ports.remove(key)
        case .removeRule(let key): try maps.rules.remove(key)
        case .removeAddress(let key): try maps.addresses.remove(key)
        case .removeName(let key): try maps.names.remove(key)
        case .removePod(let key): try maps.pods.remove(key)
        }
        record(write)
    }

    /// Keeps the copy of the tries in step, and the deferred removals.
    private func record(_ write: TableWrite) {
        deferred.record(write)
        switch write {
        case .putPort(let key, let value): tries.ports[key] = value
        case .removePort(let key): tries.ports[key] = nil
        case .putAddress(let key, let value): tries.addresses[key] = value
        case .removeAddress(let key): tries.addresses[key] = nil
        case .putName(let key, let value): tries.names[key] = value
        case .removeName(let key): tries.names[key] = nil
        case .putRule, .removeRule, .putPod, .removePod: break
        }
    }
}
