public import AgentConfiguration
public import Logging

/// Where the agent's log goes: standard error.
public enum AgentLog {
    public static func logger(level: Logger.Level, format: Configuration.LogFormat) -> Logger {
        var logger = Logger(label: "sluiced") { label in
            switch format {
            case .text: PrintableLogHandler(StreamLogHandler.standardError(label: label))
            case .json: JSONLogHandler()
            }
        }
        logger.logLevel = level
        return logger
    }
}
