package main

import (
	"encoding/json"
	"strings"
	"testing"

	"newsreel/extractor"
)

const explainedPage = `<html lang="en"><title>Bridge to close until spring - The Paper</title>
<h1><span class="kicker">Traffic:</span> Bridge to close until spring</h1><p class="date">5 May 2024, 10:39</p>
<figure><img src="bridge.jpg"><figcaption>The bridge on Friday (AP photo)</figcaption></figure>
<p>The council said on Friday that the bridge over the river would be closed to cars until spring.</p>
<p>Engineers have found cracks in two of its piers. Pedestrians may go on using it.</p>
<p><a href="/more">Read more about bridges</a></p>`

func TestExtractWritesMarkdown(t *testing.T) {
	var out, errs strings.Builder
	if code := run([]string{"extract", "-", "--url", "https://paper.example/bridge", "--markdown"}, strings.NewReader(explainedPage), &out, &errs); code != 0 {
		t.Fatalf("exit %d: %s", code, errs.String())
	}
	want := "# Bridge to close until spring\n\n2024-05-05T10:39:00\n\nThe council said"
	if !strings.HasPrefix(out.String(), want) || !strings.HasSuffix(out.String(), "may go on using it.\n\nhttps://paper.example/bridge\n") {
		t.Errorf("printed\n%s", out.String())
	}
	out.Reset()
	if code := run([]string{"extract", "-", "--markdown", "--json"}, strings.NewReader(explainedPage), &out, &errs); code != 0 || !strings.Contains(out.String(), `"markdown":"The council`) {
		t.Errorf("exit %d: %s%s", code, out.String(), errs.String())
	}
}

func TestExtractExplains(t *testing.T) {
	for _, c := range []struct {
		args []string
		want []string
	}{
		{[]string{"extract", "-", "--url", "https://paper.example/bridge", "--explain"},
			[]string{"headline  Bridge to close until spring\n", "=> ", "+3.00 an h1", "Traffic:\n", "the photo's credit", "Read more about bridges", "published  2024-05-05T10:39:00"}},
		{[]string{"extract", "-", "--explain"}, []string{"a page without a URL"}},
	} {
		var out, errs strings.Builder
		if code := run(c.args, strings.NewReader(explainedPage), &out, &errs); code != 0 {
			t.Fatalf("%v: exit %d: %s", c.args, code, errs.String())
		}
		for _, want := range c.want {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%v: no %q in\n%s", c.args, want, out.String())
			}
		}
	}
	var out, errs strings.Builder
	if code := run([]string{"extract", "-", "--explain=json"}, strings.NewReader(explainedPage), &out, &errs); code != 0 {
		t.Fatalf("exit %d: %s", code, errs.String())
	}
	var got struct {
		Article     struct{ Headline string }
		Explanation extractor.Explanation
	}
	if err := json.Unmarshal([]byte(out.String()), &got); err != nil || got.Article.Headline == "" || len(got.Explanation.Fields) == 0 {
		t.Errorf("%v: %s", err, out.String())
	}
}
