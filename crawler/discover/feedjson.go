package discover

import (
	"bytes"
	"encoding/json"
)

// jsonItem is an item of JSON Feed 1 and 1.1. Members that are often of
// another type than asked are taken raw.
type jsonItem struct {
	ID          json.RawMessage `json:"id"`
	URL         json.RawMessage `json:"url"`
	ExternalURL json.RawMessage `json:"external_url"`
	Title       json.RawMessage `json:"title"`
	Image       json.RawMessage `json:"image"`
	Banner      json.RawMessage `json:"banner_image"`
	Published   json.RawMessage `json:"date_published"`
	Modified    json.RawMessage `json:"date_modified"`
	Author      json.RawMessage `json:"author"`
	Authors     json.RawMessage `json:"authors"`
	Attachments json.RawMessage `json:"attachments"`
}

// json reads the members of the feed one by one, so that the items before a
// break are kept.
func (p *feedParser) json(doc []byte) {
	dec := json.NewDecoder(bytes.NewReader(doc))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		addFault(&p.out.Faults, "not a JSON object")
		return
	}
	for dec.More() && !p.out.Truncated {
		key, err := dec.Token()
		if err == nil {
			err = p.jsonMember(dec, key)
		}
		if err != nil {
			addFault(&p.out.Faults, err.Error())
			return
		}
	}
}

func (p *feedParser) jsonMember(dec *json.Decoder, key json.Token) error {
	if key == "items" {
		return p.jsonItems(dec)
	}
	var raw json.RawMessage
	if err := dec.Decode(&raw); err != nil {
		return err
	}
	switch text := jsonText(raw); {
	case text == "":
	case key == "title":
		p.out.Title = plainText(text)
	case key == "home_page_url":
		p.out.Home = p.resolve(p.base, text)
	case key == "next_url":
		p.out.Next = p.resolve(p.base, text)
	}
	return nil
}

func (p *feedParser) jsonItems(dec *json.Decoder) error {
	if t, err := dec.Token(); err != nil || t != json.Delim('[') {
		return err
	}
	for dec.More() && !p.out.Truncated {
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			return err
		}
		var item jsonItem
		if err := json.Unmarshal(raw, &item); err != nil {
			addFault(&p.out.Faults, "an item is no object")
			continue
		}
		p.addItem(p.jsonEntry(&item))
	}
	_, err := dec.Token()
	return err
}

func (p *feedParser) jsonEntry(item *jsonItem) FeedEntry {
	e := FeedEntry{GUID: clip(jsonText(item.ID)), Title: plainText(jsonText(item.Title)), Published: clip(jsonText(item.Published))}
	if e.Published == "" {
		e.Published = clip(jsonText(item.Modified))
	}
	for _, raw := range []json.RawMessage{item.URL, item.ExternalURL} {
		if text := jsonText(raw); text != "" && e.URL == "" {
			e.URL = p.resolve(p.base, text)
		}
	}
	if e.URL == "" && likeAddress([]byte(e.GUID)) {
		e.URL = p.resolve(p.base, e.GUID)
	}
	e.Author = plainText(jsonAuthor(item))
	p.item, p.inItem, p.itemBase = e, true, p.base
	p.enclosure(jsonText(item.Image), "image")
	p.enclosure(jsonText(item.Banner), "image")
	var files []struct {
		URL  string `json:"url"`
		Type string `json:"mime_type"`
	}
	if json.Unmarshal(item.Attachments, &files) == nil {
		for _, f := range files {
			p.enclosure(f.URL, f.Type)
		}
	}
	e, p.item, p.inItem = p.item, FeedEntry{}, false
	return e
}

func jsonAuthor(item *jsonItem) string {
	type author struct {
		Name string `json:"name"`
	}
	var all []author
	if json.Unmarshal(item.Authors, &all) == nil && len(all) > 0 {
		return all[0].Name
	}
	var one author
	if json.Unmarshal(item.Author, &one) == nil && one.Name != "" {
		return one.Name
	}
	return jsonText(item.Author)
}

// jsonText gives a string, or a number as it is written; "" for all else.
func jsonText(raw json.RawMessage) string {
	if len(raw) == 0 {
		return ""
	}
	if raw[0] == '"' {
		var s string
		if json.Unmarshal(raw, &s) != nil {
			return ""
		}
		return s
	}
	if raw[0] == '-' || raw[0] >= '0' && raw[0] <= '9' {
		return string(raw)
	}
	return ""
}
