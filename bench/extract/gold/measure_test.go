package gold

import "testing"

func TestTheScoreOfAPage(t *testing.T) {
	captions := []string{"The bridge on Friday", "The mayor"}
	p := Page{Kicker: "Traffic", Headline: "Bridge to close", Published: "2024-05-05T10:39:00+02:00", Summary: "It is old.",
		Body: "The council said that the bridge would be closed.", Captions: &captions, Authors: []string{"Jane Roe"},
		Credits: []Credit{{"The bridge on Friday", "AP"}}}
	for _, c := range []struct {
		name string
		r    Result
		want [7]float64
	}{
		{"all right", Result{Headline: "“BRIDGE to close”", Published: "2024-05-05T08:39:20Z", Body: p.Body, Captions: captions, Authors: []string{"jane roe"}, Credits: p.Credits}, [7]float64{1, 1, 1, 1, 1, 1, 1}},
		{"kicker and standfirst printed with the rest", Result{Headline: "Traffic: Bridge to close", Published: "2024-05-05T10:39:00", Body: p.Summary + "\n\n" + p.Body, Captions: captions[:1], Credits: []Credit{{"The bridge on Friday", "dpa"}}},
			[7]float64{1, 1, 1, 1, 2.0 / 3, 0, 0}},
		{"a day alone", Result{Headline: "Bridge", Published: "2024-05-05", Authors: []string{"Jane Roe", "The Paper"}}, [7]float64{0, 0, 1, 0, 0, 0, 2.0 / 3}},
		{"another hour", Result{Published: "2024-05-05T11:39:00+02:00"}, [7]float64{0, 0, 1, 0, 0, 0, 0}},
		{"nothing", Result{}, [7]float64{}},
	} {
		var s Score
		s.Add(&p, &c.r)
		got := [7]float64{s.Body.Value(), s.Headline.Value(), s.Day.Value(), s.Minute.Value(), s.Captions.F1(), s.Credits.Value(), s.Authors.F1()}
		for i := range got {
			if d := got[i] - c.want[i]; d > 1e-9 || d < -1e-9 {
				t.Errorf("%s: %v, want %v", c.name, got, c.want)
				break
			}
		}
	}
}
