import AgentAPI
package import PrometheusMetrics

/// Every metric of the agent's, with what it means; docs/metrics.md says more.
package enum Metrics {
    static let packets = MetricDescription(
        "sluice_packets", .counter, help: "Packets that pods of the namespace sent, by what became of them.")
    static let bytes = MetricDescription(
        "sluice_bytes", .counter, unit: .bytes,
        help: "Bytes of these packets, IP headers included.")
    static let newFlows = MetricDescription(
        "sluice_flows", .counter,
        help: "Flows that pods of the namespace began, by what became of their first packet or call.")
    static let podPackets = MetricDescription(
        "sluice_pod_packets", .counter, help: "Packets that the pod sent, by what became of them.")
    static let podBytes = MetricDescription(
        "sluice_pod_bytes", .counter, unit: .bytes,
        help: "Bytes of these packets, IP headers included.")
    static let podNewFlows = MetricDescription(
        "sluice_pod_flows", .counter,
        help: "Flows that the pod began, by what became of their first packet or call.")

    static let deniedDestinations = MetricDescription(
        "sluice_denied_destinations", .counter,
        help: "Packets and calls that were denied, or would be without audit mode, by what their destination is.")
    static let guardHits = MetricDescription(
        "sluice_guard_hits", .counter,
        help: "Packets and calls to guarded addresses, by the guard and what became of them.")
    static let socketAttempts = MetricDescription(
        "sluice_socket_attempts", .counter,
        help: "Calls of socket() by pods of the namespace for sockets that no verdict covers.")
    static let foreignSources = MetricDescription(
        "sluice_foreign_source_packets", .counter,
        help: "Packets whose source was no address of their pod's own, by what became of them.")
    static let socketGuardActive = MetricDescription(
        "sluice_socket_guard_active", .gauge,
        help: "1 while such calls are refused, or reported in audit mode; 0 where the kernel cannot or it is off.")
    static let eventsLost = MetricDescription(
        "sluice_events_lost", .counter,
        help: "Events that nobody was told of, as the buffer was full or there were too many a second.")

    static let readerFailures = MetricDescription(
        "sluice_reader_failures", .counter,
        help: "How often something kept the agent from reading the kernel's buffer; it tries again.")
    static let previousRun = MetricDescription(
        "sluice_previous_run_end", .gauge, help: "1 for how the agent before this one ended, 0 for the other ways.")

    static let resolverAnswers = MetricDescription(
        "sluice_resolver_answers", .counter, help: "Answers of resolvers to pods, by what became of them.")
    static let uncoveredNames = MetricDescription(
        "sluice_uncovered_names", .counter,
        help: "Answers to pods of the namespace for names that none of the pod's rules covers.")
    static let learnedNames = MetricDescription(
        "sluice_learned_names", .gauge,
        help: "Names behind addresses that rules speak of; the oldest go when there is no more room.")
    static let learnedCapacity = MetricDescription(
        "sluice_learned_names_capacity", .gauge, help: "How many of them there is room for.")

    static let mapEntries = MetricDescription(
        "sluice_map_entries", .gauge, help: "Entries that the kernel's map shall hold.")
    static let mapCapacity = MetricDescription(
        "sluice_map_capacity_entries", .gauge, help: "Entries that the kernel's map can hold.")
    static let generation = MetricDescription(
        "sluice_generation", .gauge,
        help: "The generation in force; each change of what is enforced raises it.")

    static let compileSeconds = MetricDescription(
        "sluice_compile_duration_seconds", .histogram(.durations), unit: .seconds,
        help: "How long it took to compile changes of the cluster into changes of tables.")
    static let applySeconds = MetricDescription(
        "sluice_apply_duration_seconds", .histogram(.durations), unit: .seconds,
        help: "How long it took to bring changes of tables into the kernel.")
    static let changeSeconds = MetricDescription(
        "sluice_change_to_kernel_seconds", .histogram(.durations), unit: .seconds,
        help: "From the arrival of changes of the cluster to their being in force.")
    static let applyFailures = MetricDescription(
        "sluice_apply_failures", .counter, help: "Changes that the kernel did not take; the old verdicts stay.")
    static let repairs = MetricDescription(
        "sluice_repaired_entries", .counter,
        help: "Entries of the kernel's maps that somebody else had changed, and that were put right.")
    static let attachmentChanges = MetricDescription(
        "sluice_attachment_changes", .counter,
        help: "Attachments and pins that were made, replaced or put back.")

    static let watchState = MetricDescription(
        "sluice_watch_state", .gauge, help: "1 for the state that the feed is in, 0 for the others.")
    static let watchStaleness = MetricDescription(
        "sluice_watch_staleness_seconds", .gauge, unit: .seconds,
        help: "For how long the feed has been out of reach; 0 while it is followed.")
    static let watchObjects = MetricDescription(
        "sluice_watch_objects", .gauge, help: "Objects that the feed has told of.")
    static let ready = MetricDescription(
        "sluice_ready", .gauge, help: "1 for each condition of readiness that holds, 0 for the others.")
    static let pods = MetricDescription("sluice_pods", .gauge, help: "Pods of the node by state.")
    static let problems = MetricDescription(
        "sluice_problems", .gauge, help: "What sluice status lists as wrong at the moment, by severity.")

    static let attachmentsExpected = MetricDescription(
        "sluice_attachments_expected", .gauge, help: "Programs that shall be attached, over all cgroups.")
    static let attachmentsLive = MetricDescription(
        "sluice_attachments_live", .gauge, help: "Programs that are attached and in force.")
    static let programRuns = MetricDescription(
        "sluice_program_runs", .counter,
        help: "How often the program ran, while kernel.bpf_stats_enabled is 1.")
    static let programSeconds = MetricDescription(
        "sluice_program_run_seconds", .counter, unit: .seconds,
        help: "For how long the program ran, while kernel.bpf_stats_enabled is 1.")

    static let buildInfo = MetricDescription(
        "sluice_build", .info, help: "The agent's version, the layout of its maps, the kernel's release.")

    static let processCPU = MetricDescription(
        "process_cpu_seconds", .counter, unit: .seconds, help: "Processor time of the agent, user and system.")
    static let processResidentMemory = MetricDescription(
        "process_resident_memory_bytes", .gauge, unit: .bytes, help: "Resident memory of the agent.")
    static let processVirtualMemory = MetricDescription(
        "process_virtual_memory_bytes", .gauge, unit: .bytes, help: "Virtual memory of the agent.")
    static let processStart = MetricDescription(
        "process_start_time_seconds", .gauge, unit: .seconds,
        help: "When the agent was started, in seconds since 1970.")
    static let processOpenDescriptors = MetricDescription(
        "process_open_fds", .gauge, help: "Open file descriptors of the agent.")
    static let processMaxDescriptors = MetricDescription(
        "process_max_fds", .gauge, help: "How many file descriptors the agent may open.")

    /// In the order of docs/metrics.md.
    package static let all = [
        packets, bytes, newFlows, podPackets, podBytes, podNewFlows, deniedDestinations, guardHits,
        socketAttempts, socketGuardActive, foreignSources,
        eventsLost, resolverAnswers, uncoveredNames, learnedNames, learnedCapacity,
        pods, ready, readerFailures, previousRun, problems, watchState, watchStaleness, watchObjects,
        mapEntries, mapCapacity, generation, compileSeconds, applySeconds, changeSeconds, applyFailures,
        repairs, attachmentsExpected, attachmentsLive, attachmentChanges, programRuns, programSeconds,
        buildInfo, processCPU, processResidentMemory, processVirtualMemory, processStart,
        processOpenDescriptors, processMaxDescriptors,
    ]
}
