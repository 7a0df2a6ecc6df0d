//go:build tools

// Package tools names the program to build, so that `go mod tidy` keeps what it needs in go.mod and go.sum.
//
// To move to another release: name it in go.mod, run `go mod tidy`, and pin the same `pulumi` in requirements/dev.txt.
package tools

import _ "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
