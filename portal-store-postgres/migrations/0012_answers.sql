-- Practices may share one account for text messages: who texted a number, whichever practice it was.
CREATE INDEX delivery_to_number ON delivery (to_email, practice_id) WHERE substr(to_email, 1, 1) = '+';

-- Who said whose number it is.
ALTER TABLE conversation ADD COLUMN linked_by UUID;
ALTER TABLE conversation ADD COLUMN linked_at TIMESTAMPTZ;
-- What was written from a number that staff said is a client's stands in the number's conversation, and goes with it when they
-- were wrong.
UPDATE received_sms SET conversation_id = (SELECT conversation.id FROM conversation
    WHERE conversation.practice_id = received_sms.practice_id AND conversation.phone = received_sms.from_phone
    AND conversation.client_id = received_sms.conversation_id)
WHERE EXISTS (SELECT 1 FROM conversation
    WHERE conversation.practice_id = received_sms.practice_id AND conversation.phone = received_sms.from_phone
    AND conversation.client_id = received_sms.conversation_id);

-- A text message from a client concerns no matter in particular.
ALTER TABLE notification ALTER COLUMN matter_id DROP NOT NULL;
