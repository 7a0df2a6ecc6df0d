//go:build tools

// Package tools names the program to build, so that `go mod tidy` keeps what it needs in go.mod and go.sum.
package tools

import _ "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
