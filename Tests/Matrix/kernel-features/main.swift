import Glibc
import KernelDatapath

// What this kernel has of what Sluice and its tests use, found by trying: a line for each,
// `feature TAB name TAB yes`, or in place of yes what came of it.
print("feature\tkernel\t\((try? KernelFacts.read().release) ?? "?")")
for feature in Feature.all { print("feature\t\(feature.name)\t\(feature.outcome)") }
