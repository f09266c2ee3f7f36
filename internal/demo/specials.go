package demo

import "time"

// chronicleSpecials are the stories that are no plain articles.
func chronicleSpecials(base time.Time) []story {
	at := func(days int) time.Time { return base.Add(time.Duration(days*24)*time.Hour + 95*time.Minute) }
	pictures := make([]photo, 5)
	for i, c := range []string{
		"Children light the first lantern on the quay at Port Ansel",
		"A paper whale waits for its candles behind the fish market",
		"The procession crosses the iron bridge shortly after dusk",
		"Musicians from Cobley play on the roof of the lifeboat station",
		"The last lanterns drift past the harbour wall at midnight",
	} {
		pictures[i] = photo{name: "lanterns-" + string(rune('a'+i)), caption: c, credit: "Clara Frost/The Chronicle", alt: c}
	}
	return []story{{
		topic: "regatta", section: "sport", kicker: "Sailing", kind: "liveblog", path: "/live/regatta", when: at(3),
		head:    "Regatta at Port Ansel: the final day as it happened",
		stand:   "Twelve boats, one windless bay and a disputed buoy",
		authors: []string{"Owen Redfern"}, tags: []string{"sailing"},
		body: []string{
			"Good morning from the breakwater, where the flags hang straight down and the coffee is excellent. The start has been put back by half an hour.",
			"A breath of wind from the south. The committee boat has raised the orange flag, and the crews are rowing their sails into place.",
			"They are off. The Kittiwake leads by a length at the first mark, with the two boats from Saltern close behind.",
			"The second buoy has drifted. Three boats rounded where it was and nine where it is, and the jury is turning pages.",
			"Kittiwake wins. The jury has let the result stand, on the ground that everybody had the same buoy to be confused by.",
		},
	}, {
		topic: "lanterns", section: "culture", kicker: "Festivals", kind: "gallery", path: "/pictures/lanterns", when: at(9),
		head:    "The night of lanterns, in pictures",
		stand:   "Four thousand paper lights went down to the water on Saturday",
		authors: []string{"Grace Tolliver"}, tags: []string{"festivals"}, photos: pictures,
		body: []string{"Once a year the street lamps of Port Ansel stay dark, and everybody carries a light that they have made. Our photographer walked with them from the church to the sea."},
	}, {
		topic: "bell", section: "culture", kicker: "Heritage", kind: "video", path: "/video/bell", when: at(12),
		head:    "Watch: the bell of Marlow Fen comes home by barge",
		stand:   "It had been away for repairs since the great frost",
		authors: []string{"Daniel Ashcombe"}, tags: []string{"heritage"},
		body: []string{
			"The largest bell of the abbey at Marlow Fen returned by water on Tuesday, because no bridge on the road would bear it.",
			"Our film follows the barge through two locks and a flock of indignant geese, and ends with the first stroke in eleven years.",
		},
	}}
}

// wireStory is the agency report that two papers print.
func wireStory() *story {
	return &story{
		head:    "Talks on river water end with a handshake and no map",
		stand:   "Delegates from both banks agreed to measure the flow together before they argue about it",
		authors: []string{"Oksana Lysenko"},
		body: []string{
			"Delegates from the two banks of the Orla ended three days of talks on Friday with a handshake, a joint photograph and no agreement on where the border in the river runs.",
			"They did agree to put eleven gauges into the water by the autumn and to publish what the gauges say every hour, in both languages and without comment.",
			"\"It is easier to quarrel about a number than about a feeling,\" said the chief delegate of the eastern bank, Marta Holub, who has taken part in every round since 2009.",
			"Farmers on both sides had blocked the bridge at Dubrava for a day in April, after wells in nineteen villages ran dry within a week.",
			"The next round is planned for November, on a ferry, so that nobody has to be the host.",
		},
	}
}
