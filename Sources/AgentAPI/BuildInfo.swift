import CBuildInfo

/// What this build is called: `--version`, and the metric `sluice_build_info`.
public enum BuildInfo {
    /// As `git describe` has it: 0.1.0, 0.1.0-12-ga37edb9 or a37edb9, with -dirty if files differed from the commit.
    public static let version = String(cString: sluice_build_version())
}
