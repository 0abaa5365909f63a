//! Pages to a PDF/A-3a.

use std::num::NonZeroU16;

use krilla::action::LinkAction;
use krilla::annotation::{Annotation, LinkAnnotation, Target};
use krilla::color::rgb;
use krilla::configure::{Archival, ConfigurationBuilder};
use krilla::embed::{AssociationKind, EmbeddedFile, MimeType};
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::{DateTime, Metadata};
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::{Fill, FillRule};
use krilla::surface::Surface;
use krilla::tagging::{
    Artifact, ArtifactType, ContentTag, Identifier, Node, SpanTag, TableHeaderScope, Tag, TagGroup, TagTree,
};
use krilla::text::{GlyphId, KrillaGlyph};
use krilla::{Document, SerializeSettings};
use portal_core::Timestamp;
use portal_core::approval::ToldEvidence;

use crate::NotMade;
use crate::content::{ATTACHED_NAME, MEDIA_TYPE};
use crate::fonts::{Fonts, Loaded};
use crate::layout::{ACROSS, Colour, Element, PAGE, PageOf, Pages, Placed, RULE};

fn refused(why: impl std::fmt::Debug) -> NotMade {
    NotMade::Refused(format!("{why:?}"))
}

fn settings() -> Result<SerializeSettings, NotMade> {
    let configuration = ConfigurationBuilder::new().with_archival_validator(Archival::A3_A);
    Ok(SerializeSettings {
        configuration: configuration.finish().map_err(refused)?,
        ..SerializeSettings::default()
    })
}

fn fill((red, green, blue): Colour) -> Fill {
    Fill {
        paint: rgb::Color::new(red, green, blue).into(),
        opacity: NormalizedF32::ONE,
        rule: FillRule::NonZero,
    }
}

fn date(at: Timestamp) -> DateTime {
    let at = at.to_offset_date_time();
    DateTime::new(u16::try_from(at.year()).unwrap_or_default())
        .month(u8::from(at.month()))
        .day(at.day())
        .hour(at.hour())
        .minute(at.minute())
        .second(at.second())
        .utc_offset_hour(0)
        .utc_offset_minute(0)
}

/// Whether an archive takes this font: tried out, because the writer alone knows.
pub(crate) fn takes(font: &Loaded) -> bool {
    let Ok(settings) = settings() else { return false };
    let mut document = Document::new_with(settings);
    let Some(page) = PageSettings::from_wh(PAGE.0, PAGE.1) else {
        return false;
    };
    let mut page = document.start_page_with(page);
    let mut surface = page.surface();
    surface.set_fill(Some(fill((0, 0, 0))));
    let id = surface.start_tagged(ContentTag::Span(SpanTag::empty()));
    // Whatever is its first glyph after the one that stands for what it has not.
    let glyph = KrillaGlyph::new(GlyphId::new(1), 1.0, 0.0, 0.0, 0.0, 0..1, None);
    surface.draw_glyphs(
        Point::from_xy(50.0, 50.0),
        &[glyph],
        font.font().clone(),
        "a",
        10.0,
        false,
    );
    surface.end_tagged();
    surface.finish();
    page.finish();
    let mut tree = TagTree::new();
    tree.push(TagGroup::with_children(Tag::P, vec![Node::from(id)]));
    document.set_tag_tree(tree);
    document.set_metadata(
        Metadata::new()
            .language("en".to_owned())
            .title("A font".to_owned())
            .creation_date(date(Timestamp::UNIX_EPOCH)),
    );
    document.finish().is_ok()
}

/// Writes the pages, with `json` attached.
pub(crate) fn write(
    pages: &Pages,
    fonts: &Fonts,
    (title, evidence): (&str, &ToldEvidence),
    json: &str,
) -> Result<Vec<u8>, NotMade> {
    let mut document = Document::new_with(settings()?);
    let mut parts: Vec<Vec<Identifier>> = vec![Vec::new(); pages.parts];
    let mut links: Vec<Vec<Identifier>> = vec![Vec::new(); pages.parts];
    for of in &pages.sheets {
        let size = PageSettings::from_wh(PAGE.0, PAGE.1).ok_or_else(|| refused("page"))?;
        let mut page = document.start_page_with(size);
        let mut surface = page.surface();
        draw(&mut surface, of, fonts, &mut parts);
        surface.finish();
        for line in &of.lines {
            let (Some(address), Some(part)) = (&line.link, line.part) else {
                continue;
            };
            let (width, size) = (width_of(line), line.style.size);
            let Some(rect) = Rect::from_xywh(line.x, line.baseline - size, width, size * 1.3) else {
                continue;
            };
            let target = Target::Action(LinkAction::new(address.clone()).into());
            let annotation = LinkAnnotation::new(rect, target);
            let id = page.add_tagged_annotation(Annotation::new_link(annotation, Some(address.clone())));
            links.get_mut(part).into_iter().for_each(|of| of.push(id));
        }
        page.finish();
    }
    document.set_tag_tree(tree(pages, parts, links));
    document.set_metadata(
        Metadata::new()
            .title(title.to_owned())
            .language("en".to_owned())
            .creator("Client portal".to_owned())
            .document_id(evidence.evidence.clone())
            .creation_date(date(evidence.answered_at)),
    );
    document.embed_file(EmbeddedFile {
        path: ATTACHED_NAME.to_owned(),
        mime_type: MimeType::new(MEDIA_TYPE),
        description: Some("The evidence of the answer and its proof, for verification".to_owned()),
        association_kind: AssociationKind::Source,
        data: json.as_bytes().to_vec().into(),
        modification_date: Some(date(evidence.answered_at)),
        // As it is, so that a verifier finds it without a reader of PDF.
        compress: Some(false),
        location: None,
    });
    document.finish().map_err(refused)
}

fn width_of(line: &Placed) -> f32 {
    line.runs.iter().map(|run| run.width() * line.style.size).sum()
}

fn draw(surface: &mut Surface<'_>, page: &PageOf, fonts: &Fonts, parts: &mut [Vec<Identifier>]) {
    for y in &page.rules {
        let mut path = PathBuilder::new();
        if let Some(rect) = Rect::from_xywh(ACROSS.0, *y, ACROSS.1 - ACROSS.0, 0.6) {
            path.push_rect(rect);
        }
        let Some(path) = path.finish() else { continue };
        surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout)));
        surface.set_fill(Some(fill(RULE)));
        surface.draw_path(&path);
        surface.end_tagged();
    }
    for line in &page.lines {
        if line.runs.iter().all(|run| run.glyphs.is_empty()) {
            continue;
        }
        let id = surface.start_tagged(match line.part {
            Some(_) => ContentTag::Span(SpanTag::empty()),
            None => ContentTag::Artifact(Artifact::with_kind(ArtifactType::Footer)),
        });
        surface.set_fill(Some(fill(line.style.colour)));
        let mut x = line.x;
        for run in &line.runs {
            let Some(font) = fonts.all().get(run.font) else {
                continue;
            };
            let at = Point::from_xy(x, line.baseline);
            surface.draw_glyphs(
                at,
                &run.glyphs,
                font.font().clone(),
                &run.text,
                line.style.size,
                false,
            );
            x += run.width() * line.style.size;
        }
        surface.end_tagged();
        if let Some(part) = line.part.and_then(|part| parts.get_mut(part)) {
            part.push(id);
        }
    }
}

/// What the document is made of, for whoever has it read to them.
fn tree(pages: &Pages, mut parts: Vec<Vec<Identifier>>, mut links: Vec<Vec<Identifier>>) -> TagTree {
    let mut nodes = |part: usize| -> Vec<Node> {
        let lines = parts.get_mut(part).map(std::mem::take).unwrap_or_default();
        let pressed = links.get_mut(part).map(std::mem::take).unwrap_or_default();
        let lines = lines.into_iter().map(Node::from);
        if pressed.is_empty() {
            return lines.collect();
        }
        let link = lines.chain(pressed.into_iter().map(Node::from)).collect();
        vec![TagGroup::with_children(Tag::Link, link).into()]
    };
    let mut tree = TagTree::new();
    for element in &pages.elements {
        let group = match element {
            Element::Heading(level, text, part) => {
                let level = NonZeroU16::new(*level).unwrap_or(NonZeroU16::MIN);
                TagGroup::with_children(Tag::Hn(level, Some(text.clone())), nodes(*part))
            }
            Element::Paragraph(part) => TagGroup::with_children(Tag::P, nodes(*part)),
            Element::Table(rows) => {
                let rows = rows.iter().map(|(label, value)| {
                    let label = TagGroup::with_children(Tag::TH(TableHeaderScope::Row), nodes(*label));
                    let value = TagGroup::with_children(Tag::TD, nodes(*value));
                    TagGroup::with_children(Tag::TR, vec![label.into(), value.into()]).into()
                });
                TagGroup::with_children(Tag::Table, rows.collect())
            }
        };
        tree.push(group);
    }
    tree
}
