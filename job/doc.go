// Package job is the job document: what to crawl, how far, how politely, and
// what to keep. The struct tags of Document are the one source of its YAML
// keys, command-line flags, environment variables, defaults, JSON Schema and
// reference table.
//
//	doc, err := job.Parse("jobs/paper.yaml", data) // or job.FromURLs(arguments)
//	flags := job.BindFlags(command.Flags())        // before the flags are parsed
//	err = flags.Apply(doc, os.LookupEnv)           // after
//	scope := job.NewScope(doc, nil)
//
// A document is validated whole before anything starts: errors are of type
// Errors and name file, line and key, or the flag or variable.
package job
