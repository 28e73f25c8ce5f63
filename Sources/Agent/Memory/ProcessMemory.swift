internal import CProcessMemory

/// The memory that the agent's process holds.
public enum ProcessMemory {
    /// Has it hold little that it does not use. To be called before there are threads.
    public static func beFrugal() { sluice_be_frugal() }

    /// Gives back what is free. A heap of a gigabyte takes a second, in which no thread can allocate.
    static func giveBackHeap() { sluice_give_back_heap() }

    /// Gives back the code that has been used only once; what is used again is read again.
    static func giveBackCode() { sluice_give_back_code() }
}
