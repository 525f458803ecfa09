package node

import "io"

const numberOfPipe = -4047

func retryWrite(error, io.Writer) bool { return false }

func ignoreBrokenPipe() {}
