import Glibc

func getProcessID() -> Int32 { getpid() }

func pause() { usleep(2000) }
