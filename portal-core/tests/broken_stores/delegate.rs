//! Ports that pass every call on to the store within.

/// Implements a port for [`FaultyStore`](crate::faulty::FaultyStore): the methods in `with` as written there, all others
/// by passing the call on.
macro_rules! delegate {
    (
        $port:ident {
            $(fn $name:ident($($argument:ident: $kind:ty),* $(,)?) -> $answer:ty;)*
        }
        with { $($own:item)* }
    ) => {
        #[async_trait::async_trait]
        impl $port for FaultyStore {
            $(async fn $name(&self, $($argument: $kind),*) -> Result<$answer, StoreError> {
                self.within.$name($($argument),*).await
            })*
            $($own)*
        }
    };
}

pub(crate) use delegate;
