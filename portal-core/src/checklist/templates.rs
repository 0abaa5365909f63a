//! Commands and queries of checklist templates.

use super::{ChecklistRule, ChecklistTemplate, TemplateDraft};
use crate::audit::Subject;
use crate::policy::Capability;
use crate::practice::expect_version;
use crate::{
    Change, Context, Error, NoRule, Page, PageRequest, Portal, StoreError, TemplateId, Version, unique,
};

impl Portal {
    /// One template.
    pub async fn template(&self, ctx: &Context, id: TemplateId) -> Result<ChecklistTemplate, Error<NoRule>> {
        ctx.require(Capability::SeeTemplates)?;
        self.store()
            .template(ctx.practice, id)
            .await?
            .ok_or(Error::NotFound("template"))
    }

    /// Templates by name; archived ones only when asked for.
    pub async fn templates(
        &self,
        ctx: &Context,
        archived: bool,
        page: &PageRequest,
    ) -> Result<Page<ChecklistTemplate>, Error<NoRule>> {
        ctx.require(Capability::SeeTemplates)?;
        Ok(self.store().templates(ctx.practice, archived, page).await?)
    }

    /// Adds a template.
    pub async fn add_template(
        &self,
        ctx: &Context,
        draft: &TemplateDraft,
    ) -> Result<ChecklistTemplate, Error<ChecklistRule>> {
        ctx.require(Capability::EditTemplates).map_err(Error::widen)?;
        let template = ChecklistTemplate::new(self.id(), ctx.practice, draft, ctx.at)?;
        let entry = self.audit(
            ctx,
            "template.added",
            Subject::new("checklist-template", template.id),
        );
        self.commit(Change::audited(entry).save(template.clone()))
            .await
            .map_err(name_taken)?;
        Ok(template)
    }

    /// Changes a template to what `draft` says. Checklists that it was applied to stay as they are.
    pub async fn update_template(
        &self,
        ctx: &Context,
        id: TemplateId,
        expected: Option<Version>,
        draft: &TemplateDraft,
    ) -> Result<ChecklistTemplate, Error<ChecklistRule>> {
        ctx.require(Capability::EditTemplates).map_err(Error::widen)?;
        let result = self
            .retrying(async || {
                let template = self
                    .store()
                    .template(ctx.practice, id)
                    .await?
                    .ok_or(Error::NotFound("template"))?;
                expect_version(template.version, expected)?;
                let template = template.revise(draft, ctx.at)?;
                let entry = self.audit(ctx, "template.changed", Subject::new("checklist-template", id));
                Ok((template.clone(), Change::audited(entry).save(template)))
            })
            .await;
        result.map_err(|error: Error<ChecklistRule>| match error {
            Error::Store(error) => name_taken(error),
            other => other,
        })
    }
}

fn name_taken(error: StoreError) -> Error<ChecklistRule> {
    match error {
        StoreError::Conflict(rule) if rule == unique::TEMPLATE_NAME => Error::Rule(ChecklistRule::NameTaken),
        other => other.into(),
    }
}
