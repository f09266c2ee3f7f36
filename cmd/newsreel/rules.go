package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"newsreel/extractor/rules"
	"newsreel/extractor/rules/ruletest"
)

func rulesCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "rules",
		Short: "Check, test and begin rules for single sites",
		Long: `A site rule says where the pages of one site hold what: a YAML file with CSS
selectors. What it finds goes before what is found without it.

  newsreel rules new https://www.example.com/news/1 > rules/example.yaml
  newsreel rules check rules/
  newsreel rules test rules/
  newsreel extract page.html --url https://www.example.com/news/1 --rules rules/
  newsreel crawl https://www.example.com/ --rules rules/

docs/extraction.md says how one is written, docs/rule.schema.json is its schema.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usage(fmt.Errorf("there is no command \"rules %s\"; `newsreel rules --help` lists them", args[0]))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(rulesCheckCommand(), rulesTestCommand(), rulesNewCommand(), rulesSchemaCommand())
	return cmd
}

func oneFolder(cmd *cobra.Command, args []string) error {
	if len(args) != 1 {
		return usage(fmt.Errorf("rules %s wants a folder of rules, or one rule's file, as in: newsreel rules %s rules/", cmd.Name(), cmd.Name()))
	}
	return nil
}

// checkedRule is what rules check --json prints of a rule.
type checkedRule struct {
	Name  string `json:"name"`
	File  string `json:"file"`
	Tests int    `json:"tests"`
}

func rulesCheckCommand() *cobra.Command {
	asJSON := false
	cmd := &cobra.Command{
		Use: "check DIR", Short: "Check a folder of site rules, or one of them", Args: oneFolder,
		Long: `Check reads each rule of a folder, and of the folders in it, and names the file,
line and key of each fault. It ends with 0 if there is none, and with 1 otherwise.

  newsreel rules check rules/`,
		RunE: func(cmd *cobra.Command, args []string) error {
			set, err := rules.Load(args[0])
			if err != nil {
				return err
			}
			tests := 0
			for _, r := range set.Rules() {
				tests += len(r.Tests)
				if asJSON {
					if err := printJSON(cmd.OutOrStdout(), checkedRule{r.Name, r.File, len(r.Tests)}); err != nil {
						return err
					}
				}
			}
			if asJSON {
				return nil
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s without fault, with %s\n", count(len(set.Rules()), "rule"), count(tests, "test"))
			return err
		},
	}
	jsonFlag(cmd, &asJSON, "a line a rule")
	return cmd
}

// count is a number with its noun.
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// testedPage is what rules test --json prints of a test.
type testedPage struct {
	Rule   string           `json:"rule"`
	Page   string           `json:"page"`
	OK     bool             `json:"ok"`
	Error  string           `json:"error,omitempty"`
	Faults []ruletest.Fault `json:"faults,omitempty"`
}

func rulesTestCommand() *cobra.Command {
	asJSON := false
	cmd := &cobra.Command{
		Use: "test DIR", Short: "Run the tests that site rules bring along", Args: oneFolder,
		Long: `Test extracts the saved pages that the rules of a folder name under tests, each
with its rule, and compares what comes out with what the test wants. It ends
with 0 if all is as wanted, and with 1 otherwise. Nothing is fetched.

  newsreel rules test rules/`,
		RunE: func(cmd *cobra.Command, args []string) error {
			set, err := rules.Load(args[0])
			if err != nil {
				return err
			}
			passed, failed := 0, 0
			for _, r := range set.Rules() {
				if len(r.Tests) == 0 {
					say(cmd, "%s has no tests", r.File)
				}
				for _, res := range ruletest.Run(r) {
					if res.OK() {
						passed++
					} else {
						failed++
					}
					if err := printTested(cmd.OutOrStdout(), &res, asJSON); err != nil {
						return err
					}
				}
			}
			if failed > 0 {
				return fmt.Errorf("%d of %s came out otherwise", failed, count(passed+failed, "test"))
			}
			if !asJSON {
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s, all as wanted\n", count(passed, "test"))
			}
			return err
		},
	}
	jsonFlag(cmd, &asJSON, "a line a test")
	return cmd
}

func printTested(w io.Writer, res *ruletest.Result, asJSON bool) error {
	if asJSON {
		t := testedPage{Rule: res.Rule.Name, Page: res.Test.Page, OK: res.OK(), Faults: res.Faults}
		if res.Err != nil {
			t.Error = res.Err.Error()
		}
		return printJSON(w, t)
	}
	if res.OK() {
		return nil
	}
	if _, err := fmt.Fprintf(w, "%s:%d: %s\n", res.Rule.File, res.Test.Line, res.Test.Page); err != nil {
		return err
	}
	if res.Err != nil {
		_, err := fmt.Fprintf(w, "  %s\n", plain(res.Err.Error()))
		return err
	}
	for _, f := range res.Faults {
		if _, err := fmt.Fprintf(w, "  %s\n    want %s\n    got  %s\n", f.Field, clipped(f.Want), clipped(f.Got)); err != nil {
			return err
		}
	}
	return nil
}

func rulesSchemaCommand() *cobra.Command {
	return &cobra.Command{
		Use: "schema", Short: "Print the JSON Schema of a site rule", Args: cobra.NoArgs,
		Long: `Schema prints the JSON Schema that an editor checks a site rule against.

  newsreel rules schema > rule.schema.json`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := cmd.OutOrStdout().Write(rules.Schema())
			return err
		},
	}
}

func rulesNewCommand() *cobra.Command {
	var c newRule
	cmd := &cobra.Command{
		Use: "new FILE|URL", Short: "Begin a rule for the site of a page",
		Long: `New extracts a page and prints a rule that begins with where the fields were
found: the elements that held them. Look at each, correct what is wrong, leave
out what is right without a rule. With --save PAGE the page is kept beside the
rule, so that the rule's test has what to run on.

  newsreel rules new https://www.example.com/news/1 --save rules/example.html > rules/example.yaml
  newsreel rules test rules/example.yaml`,
		RunE: c.run,
	}
	cmd.Flags().StringVar(&c.url, "url", "", "`URL` that the page was found at; needed for a file")
	cmd.Flags().StringVar(&c.save, "save", "", "`PAGE` to keep the page in, which the rule's test names")
	c.get.flags(cmd)
	return cmd
}

type newRule struct {
	url, save string
	get       getter
}

func (c *newRule) run(cmd *cobra.Command, args []string) error {
	if len(args) != 1 {
		return usage(errors.New("rules new wants one file or URL, as in: newsreel rules new https://www.example.com/news/1"))
	}
	ctx, undo := interruptible()
	defer undo()
	from := extract{url: c.url, get: c.get}
	page, err := from.page(ctx, cmd.InOrStdin(), args[0])
	if err != nil {
		return interrupted(ctx, err)
	}
	if page.URL == "" {
		return usage(errors.New("a rule is for a site: say with --url where the page was found"))
	}
	saved := "page.html"
	if c.save != "" {
		if err := os.WriteFile(c.save, page.Body, 0o644); err != nil {
			return fmt.Errorf("rules new: %w", err)
		}
		saved = filepath.Base(c.save)
	}
	text, err := ruletest.Scaffold(*page, saved)
	if err != nil {
		return fmt.Errorf("rules new: %w", err)
	}
	_, err = cmd.OutOrStdout().Write(text)
	return err
}
