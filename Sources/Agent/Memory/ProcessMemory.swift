internal import CProcessMemory

/// The memory that the agent's process holds.
public enum ProcessMemory {
    /// Has it hold little that it does not use. To be called before there are threads.
    public static func beFrugal() { sluice_be_frugal() }

    /// Gives back what is free, and the code that only the start needed.
    static func giveBack() {
        sluice_give_back_heap()
        sluice_give_back_code()
    }
}
