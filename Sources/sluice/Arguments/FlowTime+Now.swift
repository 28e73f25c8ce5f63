import Flows
import KernelDatapath

extension FlowTime {
    static var now: FlowTime { FlowTime(nanoseconds: KernelClock.wallClock(of: KernelClock.now())) }
}
